import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Project } from '@playwright/test';
import { CHROMIUM_ARGS, CHROMIUM_ENV, findChromium } from './harness/chromium.ts';

// Workers and the stand-in inherit both, so that nothing is looked for twice.
process.env['CHROMIUM_PATH'] ??= await findChromium();
const electron = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
if (!existsSync(join(electron, 'dist', 'version'))) {
  process.env['ELECTRON_OVERRIDE_DIST_PATH'] ??= fileURLToPath(new URL('harness/electron-stand-in', import.meta.url));
}

const IN_CHROMIUM: Project['use'] = {
  browserName: 'chromium',
  viewport: { width: 1440, height: 900 },
  launchOptions: {
    executablePath: process.env['CHROMIUM_PATH'],
    args: [...CHROMIUM_ARGS],
    env: { ...process.env, ...CHROMIUM_ENV },
  },
};

export default defineConfig({
  testDir: 'journeys',
  outputDir: '../test-results',
  // `npm test` counts from the JSON, whose path it gives by environment.
  reporter: process.env['PLAYWRIGHT_JSON_OUTPUT_FILE'] === undefined ? [['list']] : [['list'], ['json']],
  // Two cores carry one journey that brings an agent with a PostgreSQL of its own, and a page on made-up agents beside it.
  workers: 2,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  use: { trace: 'retain-on-failure' },
  projects: [
    { name: 'electron', testMatch: 'electron-*.spec.ts', workers: 1 },
    { name: 'browser', testMatch: 'browser-*.spec.ts', use: IN_CHROMIUM, workers: 1 },
    // The console on made-up agents, where a test decides what happens and when.
    { name: 'desk', testMatch: 'desk-*.spec.ts', use: IN_CHROMIUM },
  ],
});
