/** Mail as text and as HTML. The only link there is goes to the console, and only opens it. */
import type { IncidentNotice } from '../pipeline/delivery.ts';
import { alertsOf, sentenceOf, stateOf, titleOf, utcClock, wordOf } from './incident-words.ts';
import { escapeHtml, oneLine, unlinked } from './plain-words.ts';

/** RFC 5322 §2.1.1 recommends 78; phones show about 60. */
const SUBJECT_CHARACTERS = 120;
const DIGEST_ROWS = 100;

export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export function incidentMail(notice: IncidentNotice): Mail {
  const { incident, consoleUrl, runbook, analysis } = notice;
  const title = unlinked(titleOf(notice, 300));
  const facts: readonly (readonly [string, string])[] = [
    ['What', said(sentenceOf(notice), 500)],
    ['State', said(stateOf(incident), 200)],
    ['Since', utcClock(incident.started_at_ms)],
    ['Where', said(alertsOf(incident), 300)],
    ['First to move', `${said(incident.first_mover.service, 80)}: ${said(incident.first_mover.reason, 300)}`],
    ...(runbook === null ? [] : [['Runbook', said(runbook.title, 200)] as const]),
    ...(analysis?.hypotheses[0] === undefined ? [] : [['Likely', said(analysis.hypotheses[0].cause, 300)] as const]),
    ['Told because', said(notice.because, 300)],
  ];
  const samples = notice.samples.slice(0, 5).map(({ at_ms, service, level, message }) => {
    return `${new Date(at_ms).toISOString().slice(11, 23)} ${said(level, 10)} ${said(service, 40)} ${said(message, 500)}`;
  });
  const text = [
    title,
    '',
    ...facts.map(([name, value]) => `${name}: ${value}`),
    ...(samples.length > 0 ? ['', 'Lines:', ...samples.map((line) => `  ${line}`)] : []),
    ...(consoleUrl === null ? [] : ['', `Open in the console: ${consoleUrl}`]),
    '',
    incident.key,
  ].join('\n');
  const rows = facts.map(([name, value]) => `<tr><th align="left">${name}</th><td>${escapeHtml(value)}</td></tr>`);
  const html = page(
    `<h2>${escapeHtml(title)}</h2><table cellpadding="4">${rows.join('')}</table>` +
      (samples.length > 0 ? `<pre>${escapeHtml(samples.join('\n'))}</pre>` : '') +
      consoleLink(consoleUrl, 'Open in the console') +
      `<p>${escapeHtml(incident.key)}</p>`,
  );
  const again = notice.transition === 'opened' ? '' : `[${wordOf(notice.transition)}] `;
  return { subject: `${again}${titleOf(notice, SUBJECT_CHARACTERS)}`, text, html };
}

export function digestMail(notices: readonly IncidentNotice[]): Mail {
  const services = new Set(notices.flatMap(({ incident }) => incident.services));
  const subject = `${notices.length} incidents in ${services.size} ${services.size === 1 ? 'service' : 'services'}`;
  const shown = notices
    .toSorted((a, b) => a.incident.severity.localeCompare(b.incident.severity))
    .slice(0, DIGEST_ROWS);
  const rest = notices.length - shown.length;
  const lines = shown.map((notice) => {
    const { incident, consoleUrl } = notice;
    const words = `${utcClock(incident.started_at_ms)} ${unlinked(titleOf(notice, 200))} (${incident.key}, ${wordOf(notice.transition)}, ${said(stateOf(incident), 100)})`;
    return { words, consoleUrl };
  });
  const more = rest > 0 ? `and ${rest} more in the console` : '';
  const text = [
    subject,
    '',
    ...lines.map(({ words, consoleUrl }) => `- ${words}${consoleUrl === null ? '' : `\n  ${consoleUrl}`}`),
    more,
  ].join('\n');
  const items = lines.map(
    ({ words, consoleUrl }) => `<li>${escapeHtml(words)} ${consoleLink(consoleUrl, 'open')}</li>`,
  );
  return { subject, text, html: page(`<h2>${subject}</h2><ul>${items.join('')}</ul><p>${more}</p>`) };
}

function said(text: string, limit: number): string {
  return unlinked(oneLine(text, limit));
}

function consoleLink(url: string | null, words: string): string {
  return url === null ? '' : `<a href="${escapeHtml(url)}">${words}</a>`;
}

function page(body: string): string {
  return `<!doctype html><html><body style="font-family:sans-serif">${body}</body></html>`;
}
