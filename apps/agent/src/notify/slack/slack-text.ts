import { oneLine, unlinked } from '../plain-words.ts';

/**
 * Text of others inside `mrkdwn`: the three characters that Slack's syntax is made of, escaped as Slack asks for, and
 * the marks of emphasis and code taken for what they look like. Links and mentions need `<`; automatic ones do not get
 * through `unlinked`.
 */
export function slackText(text: string, limit: number): string {
  const plain = unlinked(oneLine(text, limit))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('`', 'ˋ')
    .replaceAll('*', '∗')
    .replaceAll('~', '∼')
    .replaceAll('_', '＿')
    .replaceAll(/:(?=[\w+-]+:)/g, '∶');
  return plain;
}
