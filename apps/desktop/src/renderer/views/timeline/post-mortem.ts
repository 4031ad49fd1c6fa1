import { TIMELINE_WORDS } from '../../words/timeline-words.ts';
import { visibleText } from '../../words/visible-text.ts';
import type { TimelineRow } from './timeline-list.tsx';

/** A timeline as Markdown, oldest first and in UTC: it will be read by people in other places, later. */
export function postMortem(rows: readonly TimelineRow[]): string {
  const ordered = rows.toSorted((a, b) => a.entry.at_ms - b.entry.at_ms);
  const lines = ordered.map(({ entry, incidentKey, code }) => {
    const at = new Date(entry.at_ms).toISOString().slice(0, 19).replace('T', ' ');
    const what = incidentKey === '' ? '' : `${incidentKey}${code === '' ? '' : `@${code}`}: `;
    return `| ${at} | ${cell(entry.actor.name)} | ${TIMELINE_WORDS[entry.kind]} | ${what}${cell(entry.text)} |`;
  });
  return [
    '## Timeline (UTC)',
    '',
    '| Time | Who | What | Description |',
    '| --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}

/** Text from logs must not end a cell, or a table. */
function cell(text: string): string {
  return visibleText(text).replaceAll('|', '\\|');
}
