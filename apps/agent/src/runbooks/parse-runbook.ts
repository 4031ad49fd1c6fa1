import { RequestError, type RunbookBody, RunbookBodySchema } from '@sentinellog/shared';
import { parse } from 'yaml';

/**
 * A runbook as people keep it in a repository: YAML front matter (title, incident_date, services_affected, tags), a section
 * "Root cause" and a numbered list under "Steps" or "Resolution". Throws RequestError `invalid_request` that says what is missing.
 */
export function parseRunbook(markdown: string): RunbookBody {
  const text = markdown.replaceAll('\r\n', '\n');
  const parts = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text);
  if (parts === null) throw refusal('it must start with front matter between two lines of ---');
  const sections = sectionsOf(parts[2]);
  const cause = sections.get('root cause');
  const steps = sections.get('steps') ?? sections.get('resolution') ?? sections.get('resolution steps');
  if (cause === undefined) throw refusal('the section "## Root cause" is missing');
  if (steps === undefined) throw refusal('the section "## Steps" is missing');
  const parsed = RunbookBodySchema.safeParse({
    ...frontMatterOf(parts[1]),
    root_cause: unwrapped(cause),
    resolution_steps: numbered(steps),
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refusal(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as expected'}`);
}

function frontMatterOf(yaml: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parse(yaml, { schema: 'core', maxAliasCount: 0 });
  } catch (error) {
    throw refusal('the front matter is not YAML', error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refusal('the front matter is not a list of names and values');
  return { ...value };
}

function sectionsOf(markdown: string): Map<string, string> {
  const pieces = markdown.split(/^##\s+(.+)$/m);
  const sections = new Map<string, string>();
  for (let i = 1; i + 1 < pieces.length; i += 2) sections.set(pieces[i].trim().toLowerCase(), pieces[i + 1].trim());
  return sections;
}

/** One item each; what is indented below an item belongs to it. */
function numbered(list: string): string[] {
  return list
    .split(/^\s{0,3}(?:\d+[.)]|[-*])\s+/m)
    .slice(1)
    .map(unwrapped);
}

/** Lines of one paragraph are one line; blank lines stay. */
function unwrapped(text: string): string {
  return text
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.replaceAll(/\s*\n\s*/g, ' '))
    .join('\n\n');
}

function refusal(what: string, cause?: unknown): RequestError {
  return new RequestError('invalid_request', `the runbook cannot be read: ${what}`, { cause });
}
