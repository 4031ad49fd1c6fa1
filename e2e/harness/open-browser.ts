/** The Chromium of the programs beside the tests: pictures, figures, campaigns. */
import { chromium, type Browser } from '@playwright/test';
import { CHROMIUM_ARGS, CHROMIUM_ENV, findChromium } from './chromium.ts';

export async function openBrowser(...more: readonly string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: await findChromium(),
    args: [...CHROMIUM_ARGS, ...more],
    env: { ...process.env, ...CHROMIUM_ENV },
  });
}
