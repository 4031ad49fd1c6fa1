/** Goal 17: what a page loads before it shows anything, as the build has left it. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Measured } from './measured.ts';

const OUT = fileURLToPath(new URL('../../apps/desktop/out', import.meta.url));

export function measureBundles(): readonly Measured[] {
  return [bundle('renderer', 'desktop app'), bundle('web', 'browser console')];
}

function bundle(folder: string, name: string): Measured {
  const root = join(OUT, folder);
  if (!existsSync(join(root, 'index.html'))) throw new Error(`${root} is not built: run \`npm run build\` first`);
  const page = readFileSync(join(root, 'index.html'), 'utf8');
  const named = (kind: RegExp): readonly string[] => [
    ...new Set([...page.matchAll(kind)].map(([, path = '']) => join(root, path))),
  ];
  const scripts = sizeOf(named(/(?:src|href)="\.?\/?(assets\/[^"]+\.js)"/g));
  const sheets = sizeOf(named(/href="\.?\/?(assets\/[^"]+\.css)"/g));
  const files = readdirSync(join(root, 'assets')).map((file) => join(root, 'assets', file));
  const total = files.reduce((sum, file) => sum + statSync(file).size, 0);
  return {
    goal: 17,
    what: `${name}: scripts and styles before the first screen, and everything`,
    target: '≤ 420 KB, ≤ 140 KB gz, CSS ≤ 40 KB, all ≤ 2.5 MB',
    measured: `${kb(scripts.plain)}, ${kb(scripts.gzip)} gz, CSS ${kb(sheets.plain)}, all ${kb(total)}`,
    isMet: scripts.plain <= 420e3 && scripts.gzip <= 140e3 && sheets.plain <= 40e3 && total <= 2.5e6,
  };
}

function sizeOf(files: readonly string[]): { readonly plain: number; readonly gzip: number } {
  const texts = files.map((file) => readFileSync(file));
  return {
    plain: texts.reduce((sum, text) => sum + text.length, 0),
    gzip: texts.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0),
  };
}

function kb(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} KB`;
}
