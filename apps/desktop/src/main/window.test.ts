import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { windowOptions } from './window.ts';

const PLACE = { x: 10, y: 20, width: 1440, height: 900, maximised: false };

describe('a window', () => {
  it('has every wall up (reliability §4, row 1)', () => {
    const options = windowOptions(PLACE, { preload: '/app/preload/index.cjs', version: '0.1.0', devTools: false });
    expect(options.webPreferences).toEqual({
      preload: '/app/preload/index.cjs',
      additionalArguments: ['--sentinel-version=0.1.0', '--sentinel-window=main'],
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      spellcheck: false,
      navigateOnDragDrop: false,
      devTools: false,
    });
  });

  it('is dark and hidden until its first paint, and never smaller than the shell', () => {
    const options = windowOptions(PLACE, { preload: '', version: '', devTools: false });
    expect(options).toMatchObject({ backgroundColor: '#0B0F17', show: false, minWidth: 960, minHeight: 640 });
  });
});

describe('the main process', () => {
  it('takes no wall down anywhere in its source', () => {
    const banned =
      /nodeIntegration\w*:\s*true|contextIsolation:\s*false|sandbox:\s*false|webSecurity:\s*false|enableBlinkFeatures|certificate-error|setCertificateVerifyProc|rejectUnauthorized|@electron\/remote|openExternal\(|loadFile\(|file:\/\/\//;
    const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
    );
    expect(sources.length).toBeGreaterThan(10);
    const found = sources.filter((file) => banned.test(readFileSync(join(import.meta.dirname, file), 'utf8')));
    expect(found).toEqual([]);
  });
});
