import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkLayers } from './layers.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'layers-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function plant(file: string, text: string) {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
  return checkLayers(root);
}

describe('the walls between the parts', () => {
  it.each([
    ['shared imports Node', 'packages/shared/src/a.ts', "import { readFileSync } from 'node:fs';"],
    ['shared imports the detector', 'packages/shared/src/a.ts', "import { x } from '@sentinellog/detector';"],
    ['the detector imports Node', 'packages/detector/src/a.ts', "import fs from 'fs';"],
    [
      'the detector imports the agent',
      'packages/detector/src/a.ts',
      "import { x } from '../../../apps/agent/src/agent.ts';",
    ],
    ['the detector reads the clock', 'packages/detector/src/a.ts', 'export const now = () => Date.now();'],
    ['the detector rolls dice', 'packages/detector/src/a.ts', 'export const r = Math.random();'],
    ['a stage imports another stage', 'apps/agent/src/tally/a.ts', "import { x } from '../journal/journal.ts';"],
    ['a stage loads another stage', 'apps/agent/src/tally/a.ts', "export const x = import('../store/store.ts');"],
    ['a stage hands on another stage', 'apps/agent/src/tally/a.ts', "export * from '../detect/detect.ts';"],
    ['the journal imports the detector', 'apps/agent/src/journal/a.ts', "import { x } from '@sentinellog/detector';"],
    ['a stage imports the wiring', 'apps/agent/src/receive/a.ts', "import { x } from '../agent.ts';"],
    ['a stage ends the process', 'apps/agent/src/store/a.ts', 'process.exit(1);'],
    [
      'the agent imports the console',
      'apps/agent/src/agent.ts',
      "import { x } from '../../desktop/src/bridge/calls.ts';",
    ],
    [
      'a package is entered by its path',
      'apps/agent/src/agent.ts',
      "import { x } from '../../../packages/shared/src/ids.ts';",
    ],
    ['main imports the renderer', 'apps/desktop/src/main/a.ts', "import { x } from '../renderer/app.tsx';"],
    ['main imports the detector', 'apps/desktop/src/main/a.ts', "import { x } from '@sentinellog/detector';"],
    ['the preload imports main', 'apps/desktop/src/preload/a.ts', "import { x } from '../main/window.ts';"],
    ['the bridge imports Electron', 'apps/desktop/src/bridge/a.ts', "import { app } from 'electron';"],
    ['the renderer imports Node', 'apps/desktop/src/renderer/a.ts', "import { join } from 'node:path';"],
    ['the renderer imports Electron', 'apps/desktop/src/renderer/a.ts', "import { shell } from 'electron';"],
    [
      'a component reads a store',
      'apps/desktop/src/renderer/components/a.tsx',
      "import { x } from '../stores/agents.ts';",
    ],
    ['a chart reads a store', 'apps/desktop/src/renderer/charts/a.ts', "import { x } from '../stores/agents.ts';"],
    ['ipcMain is imported elsewhere', 'apps/desktop/src/main/a.ts', "import { ipcMain } from 'electron';"],
    ['code imports test support', 'apps/agent/src/api/a.ts', "import { aSource } from '@sentinellog/shared/testing';"],
    ['an end-to-end test imports source', 'e2e/a.ts', "import { x } from '../apps/agent/src/agent.ts';"],
  ])('are reported when %s', (_, file, text) => {
    const { violations, filesChecked } = plant(file, text);
    expect(filesChecked).toBe(1);
    expect(violations).toHaveLength(1);
  });

  it.each([
    ['a stage to the shared words', 'apps/agent/src/tally/a.ts', "import { LEVELS } from '@sentinellog/shared';"],
    ['detect to the detector', 'apps/agent/src/detect/a.ts', "import { x } from '@sentinellog/detector';"],
    ['the wiring to a stage', 'apps/agent/src/agent.ts', "import { openJournal } from './journal/journal.ts';"],
    [
      'a test to test support',
      'apps/agent/src/api/a.test.ts',
      "import { aSource } from '@sentinellog/shared/testing';",
    ],
    ['a view to a store', 'apps/desktop/src/renderer/views/a.tsx', "import { x } from '../stores/agents.ts';"],
    ['a word in a comment', 'packages/detector/src/a.ts', '// never Date.now here\nexport const a = 1;'],
  ])('let through %s', (_, file, text) => {
    expect(plant(file, text)).toEqual({ filesChecked: 1, violations: [] });
  });
});
