import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RequestError, type Rule, type RuleBody, RuleBodySchema, RuleSetSchema } from '@sentinellog/shared';
import { parse, stringify } from 'yaml';

const READY_MADE = fileURLToPath(new URL('../../../../resources/rules/ready-made.yaml', import.meta.url));

const BODY_FIELDS = RuleBodySchema.keyof().options;

/** The rules that come with the agent: requirement S3-04. */
export function readyMadeRules(file: string = READY_MADE): RuleBody[] {
  return parseRuleDocument(readFileSync(file, 'utf8'));
}

/** Rules of a document, YAML or JSON (which is YAML). RequestError `invalid_request` names the place of the first mistake. */
export function parseRuleDocument(text: string): RuleBody[] {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : '';
    throw new RequestError('invalid_request', `the document is neither YAML nor JSON: ${reason}`, { cause: error });
  }
  const parsed = RuleSetSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new RequestError(
      'invalid_request',
      `${issue?.path.join('.') ?? 'document'}: ${issue?.message ?? 'not a rule set'}`,
    );
  }
  const { rules } = parsed.data;
  const twice = rules.find(({ name }, index) => rules.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined)
    throw new RequestError('invalid_request', `two rules are called "${twice.name}"; rules are told apart by name`);
  return rules;
}

/** What `parseRuleDocument` reads back to the same rules. */
export function printRuleDocument(rules: readonly RuleBody[], format: 'json' | 'yaml'): string {
  const document = { schemaVersion: 1, rules };
  return format === 'json'
    ? `${JSON.stringify(document, null, 2)}\n`
    : stringify(document, { aliasDuplicateObjects: false });
}

/** A rule without what the agent keeps about it. */
export function bodyOfRule(rule: Rule): RuleBody {
  return RuleBodySchema.parse(Object.fromEntries(BODY_FIELDS.map((field) => [field, rule[field]])));
}
