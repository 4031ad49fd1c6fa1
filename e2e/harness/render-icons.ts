/**
 * Draws the icons of the installers from resources/icons/sentinellog.svg: `node e2e/harness/render-icons.ts`, after the
 * SVG has changed. The PNGs are kept in the repository, because the machines that build installers need no browser.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { CHROMIUM_ARGS, CHROMIUM_ENV, findChromium } from './chromium.ts';

const FOLDER = new URL('../../resources/icons/', import.meta.url);
/** The sizes that Linux desktops look for; the largest also becomes macOS's and Windows's icon. */
const SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024];

const svg = readFileSync(new URL('sentinellog.svg', FOLDER), 'utf8');
const browser = await chromium.launch({
  executablePath: await findChromium(),
  args: [...CHROMIUM_ARGS],
  env: { ...process.env, ...CHROMIUM_ENV },
});
const page = await browser.newPage();
for (const size of SIZES) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`);
  await page.screenshot({ path: fileURLToPath(new URL(`${size}x${size}.png`, FOLDER)), omitBackground: true });
}
await browser.close();
