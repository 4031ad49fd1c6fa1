/** The API's own bounds: said here before a request is made in vain. */
const MAX_DAYS = 3650;
const MAX_TAGS = 32;
const MAX_TAG_LENGTH = 64;

export interface SourceChoice {
  readonly retention_days: number;
  readonly time_zone: string;
  readonly tags: string[];
}

type Read = { readonly ok: true; readonly value: SourceChoice } | { readonly ok: false; readonly problem: string };

/** What a person has typed, as a change of a source; or what is wrong with it, in words. */
export function readSourceForm(typed: {
  readonly retention: string;
  readonly zone: string;
  readonly tags: string;
}): Read {
  const days = /^\d{1,4}$/.test(typed.retention.trim()) ? Number(typed.retention) : 0;
  if (days < 1 || days > MAX_DAYS) return bad(`retention is a number of days from 1 to ${MAX_DAYS}`);
  const zone = typed.zone.trim();
  if (!isTimeZone(zone)) return bad('the time zone is an IANA name such as Europe/Berlin, or UTC');
  const tags = [...new Set(typed.tags.split(',').map((tag) => tag.trim()))].filter((tag) => tag !== '');
  if (tags.length > MAX_TAGS) return bad(`a source has at most ${MAX_TAGS} tags`);
  const long = tags.find((tag) => tag.length > MAX_TAG_LENGTH);
  if (long !== undefined) return bad(`a tag has at most ${MAX_TAG_LENGTH} characters: ${long.slice(0, 20)}…`);
  return { ok: true, value: { retention_days: days, time_zone: zone, tags } };
}

function bad(problem: string): Read {
  return { ok: false, problem };
}

function isTimeZone(name: string): boolean {
  if (name === '' || name.length > 64) return false;
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
