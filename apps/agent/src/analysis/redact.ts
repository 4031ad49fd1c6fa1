import { RE2JS } from 're2js';

/** What was taken out, by kind: shown in the preview so that a person can judge what leaves the building. */
export interface Redacted {
  readonly text: string;
  readonly counts: Readonly<Record<string, number>>;
}

interface Kind {
  readonly name: string;
  readonly pattern: RE2JS;
}

/**
 * In this order: what is longer and more telling goes first, so that a token is not half taken as a number. A linear-time
 * engine: log text is hostile, and so may be the patterns of users.
 */
const KINDS: readonly Kind[] = [
  kind('private_key', '-----BEGIN [A-Z ]*PRIVATE KEY-----[\\s\\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)'),
  kind('jwt', 'eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]*'),
  kind(
    'credential',
    '(?i)(authorization|password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|cookie|session)(["\']?\\s*[:=]\\s*["\']?)(bearer\\s+|basic\\s+)?[^\\s"\',;&]{3,}',
  ),
  kind(
    'key',
    '\\b(sl[kt]_[A-Za-z0-9_]{16,}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|sk-[A-Za-z0-9_-]{16,})',
  ),
  kind('url_credential', '[a-z][a-z0-9+.-]*://[^\\s/@:]+:[^\\s/@]+@'),
  kind('email', '[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+'),
  kind('iban', '\\b[A-Z]{2}[0-9]{2}( ?[A-Z0-9]{4}){3,7}( ?[A-Z0-9]{1,3})?\\b'),
  kind('card', '\\b[0-9]([ -]?[0-9]){12,18}\\b'),
  kind('ip', '\\b[0-9]{1,3}(\\.[0-9]{1,3}){3}\\b'),
  kind('ip', '\\b[0-9A-Fa-f]{1,4}(:{1,2}[0-9A-Fa-f]{1,4}){3,7}\\b'),
  kind('secret', '\\b[A-Za-z0-9+/_-]{40,}={0,2}'),
];

function kind(name: string, pattern: string): Kind {
  return { name, pattern: RE2JS.compile(pattern) };
}

/** Compiles a user's own patterns (RE2 syntax); throws where one is not a pattern. */
export function ownKinds(patterns: readonly string[]): readonly Kind[] {
  return patterns.map((pattern) => kind('own', pattern));
}

/** Replaces what should not leave the building with its kind in brackets: `[email]`. */
export function redact(text: string, own: readonly Kind[] = []): Redacted {
  const counts: Record<string, number> = {};
  let rest = text;
  for (const { name, pattern } of [...own, ...KINDS]) {
    const matcher = pattern.matcher(rest);
    let out = '';
    let from = 0;
    while (matcher.find()) {
      out += `${rest.slice(from, matcher.start())}[${name}]`;
      from = matcher.end();
      counts[name] = (counts[name] ?? 0) + 1;
    }
    if (from > 0) rest = out + rest.slice(from);
  }
  return { text: rest, counts };
}
