/**
 * The console's figures (ux §6) on this machine, for docs/console-goals.md: `npm run goals` after `npm run build` and
 * `npm run build:gallery`.
 * A campaign, not a test: its times mean something on a machine that does nothing else.
 *
 * node e2e/console-goals.ts [bundle keys frames agent] [--seconds 30] [--keys 500]
 */
import { parseArgs } from 'node:util';
import { measureBundles } from './goals/bundle.ts';
import { measureFrames } from './goals/frames.ts';
import { measureKeys } from './goals/keys.ts';
import type { Measured } from './goals/measured.ts';
import { measureAtAgent } from './goals/real-agent.ts';
import { openBrowser } from './harness/open-browser.ts';
import { serveGallery } from './harness/serve-gallery.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '30' }, keys: { type: 'string', default: '500' } },
});
const seconds = Number(values.seconds);
const gallery = await serveGallery();
const browser = await openBrowser();
const PARTS: Readonly<
  Record<string, () => Promise<readonly Measured[]> | readonly Measured[] | AsyncIterable<Measured>>
> = {
  bundle: measureBundles,
  keys: () => measureKeys(browser, gallery.url, Number(values.keys)),
  frames: () => measureFrames(browser, gallery.url, seconds),
  agent: () => measureAtAgent(browser),
};
try {
  const wanted = positionals.length === 0 ? Object.keys(PARTS) : positionals;
  for (const name of wanted) {
    const part = PARTS[name];
    if (part === undefined) throw new Error(`there is no part ${name}; there are ${Object.keys(PARTS).join(', ')}`);
    for await (const { goal, what, target, measured, isMet } of await part()) {
      const verdict = isMet === null ? 'not measured' : isMet ? 'met' : 'MISSED';
      process.stdout.write(`| ${goal} | ${what} | ${target} | ${measured} | ${verdict} |\n`);
    }
  }
} finally {
  await browser.close();
  gallery.close();
}
