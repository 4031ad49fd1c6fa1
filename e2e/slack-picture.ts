/**
 * A picture of a Slack message, for people to look at: `node e2e/slack-picture.ts STORY.json PICTURE.png`. The story is what
 * the acceptance test writes that runs the cascade with SENTINELLOG_STORY_FILE set. Drawn like Slack's dark theme draws the
 * blocks we use; what it would not know how to draw is an error.
 */
import { readFileSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { CHROMIUM_ARGS, CHROMIUM_ENV, findChromium } from './harness/chromium.ts';

interface Words {
  readonly text: string;
}
type Element =
  | { readonly type: 'button'; readonly text: Words; readonly style?: string }
  | { readonly type: 'static_select'; readonly placeholder: Words }
  | { readonly type: 'overflow' };
type Block =
  | { readonly type: 'header'; readonly text: Words }
  | { readonly type: 'section'; readonly text: Words }
  | { readonly type: 'context'; readonly elements: readonly Words[] }
  | { readonly type: 'actions'; readonly elements: readonly Element[] }
  | { readonly type: 'rich_text'; readonly elements: readonly { readonly elements: readonly Words[] }[] };
interface Story {
  readonly blocks: readonly Block[];
  readonly replies: readonly string[];
  /** PNG, base64; null: none was sent. */
  readonly chart: string | null;
}

const STYLE = `
  body { margin: 0; background: #1a1d21; color: #d1d2d3; font: 15px/1.47 Lato, "Helvetica Neue", Arial, sans-serif; }
  .message { display: flex; gap: 8px; padding: 16px 20px; }
  .avatar { width: 36px; height: 36px; border-radius: 4px; background: #2b5dd1; color: #fff; font-weight: 700; display: grid; place-items: center; flex: none; }
  .body { flex: 1; min-width: 0; }
  .app { background: #35373b; border-radius: 2px; padding: 1px 3px; font-size: 10px; }
  .time, .context { color: #ababad; font-size: 12px; }
  h3 { font-size: 18px; line-height: 1.33; margin: 8px 0; color: #f8f8f8; }
  p { margin: 8px 0; overflow-wrap: anywhere; }
  b { color: #f8f8f8; }
  a { color: #1d9bd1; text-decoration: none; }
  pre { background: #222529; border: 1px solid #35373b; border-radius: 4px; padding: 8px; font: 12px/1.5 Monaco, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
  .actions { display: flex; gap: 8px; margin: 8px 0; }
  .button { border: 1px solid #565856; border-radius: 4px; padding: 4px 12px; font-weight: 700; font-size: 13px; color: #f8f8f8; }
  .primary { background: #007a5a; border-color: #007a5a; }
  .thread { border-left: 3px solid #35373b; padding-left: 12px; margin-top: 12px; }
`;

const [storyFile, picture] = process.argv.slice(2);
if (storyFile === undefined || picture === undefined) throw new Error('say which story, and where the picture goes');
const story = JSON.parse(readFileSync(storyFile, 'utf8')) as Story;

const browser = await chromium.launch({
  executablePath: await findChromium(),
  args: [...CHROMIUM_ARGS],
  env: { ...process.env, ...CHROMIUM_ENV },
});
try {
  const page = await browser.newPage({ viewport: { width: 760, height: 400 }, deviceScaleFactor: 2 });
  await page.setContent(pageOf(story));
  await page.screenshot({ path: picture, fullPage: true });
} finally {
  await browser.close();
}

function pageOf({ blocks, replies, chart }: Story): string {
  const thread = [
    ...(chart === null ? [] : [`<img src="data:image/png;base64,${chart}" width="420">`]),
    ...replies.map((reply) => `<p>${mrkdwn(reply)}</p>`),
  ];
  return `<!doctype html><meta charset="utf-8"><style>${STYLE}</style>
    <div class="message"><div class="avatar">S</div><div class="body">
    <div class="who"><b>SentinelLog</b> <span class="app">APP</span> <span class="time">17:58</span></div>
    ${blocks.map(blockOf).join('\n')}
    ${thread.length === 0 ? '' : `<div class="thread">${thread.join('')}</div>`}
    </div></div>`;
}

function blockOf(block: Block): string {
  if (block.type === 'header') return `<h3>${escaped(block.text.text)}</h3>`;
  if (block.type === 'section') return `<p>${mrkdwn(block.text.text)}</p>`;
  if (block.type === 'context')
    return `<p class="context">${block.elements.map((element) => mrkdwn(element.text)).join(' ')}</p>`;
  if (block.type === 'actions') return `<div class="actions">${block.elements.map(elementOf).join('')}</div>`;
  const texts = block.elements.map(({ elements }) => elements.map((element) => element.text).join(''));
  return texts.map((each) => `<pre>${escaped(each)}</pre>`).join('');
}

function elementOf(element: Element): string {
  if (element.type === 'overflow') return '<span class="button">⋯</span>';
  const style = element.type === 'button' ? (element.style ?? '') : '';
  const label = element.type === 'button' ? element.text.text : `${element.placeholder.text} ▾`;
  return `<span class="button ${style}">${escaped(label)}</span>`;
}

/** Slack's own escaping is HTML's; what is left of its syntax are links and bold words. */
function mrkdwn(words: string): string {
  return words
    .replaceAll(/<([^|>]+)\|([^>]+)>/g, '<a href="$1">$2</a>')
    .replaceAll(/(^|[\s(])\*([^*\n]+)\*/g, '$1<b>$2</b>')
    .replaceAll(/(^|\s)_([^_\n]+)_/g, '$1<i>$2</i>')
    .replaceAll('\n', '<br>');
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
