import { RE2JS } from 're2js';
import { z } from 'zod';

/** As pipeline/text-reading.ts names them: a parser of ours, or one of `patterns`. */
const BUILT_IN = ['auto', 'plain', 'cri', 'journald', 'json', 'syslog', 'timestamped', 'access', 'logfmt'];

const PatternSchema = z
  .string()
  .refine(isRe2, 'expected a regular expression as RE2 takes it: no look-around, no back-references');
const ZoneSchema = z.string().refine(isZone, 'expected an IANA time zone, for instance Europe/Berlin');
const NamesSchema = z.array(z.string().min(1).max(200)).max(20);

const FieldsSchema = z.strictObject({
  time: NamesSchema.optional(),
  service: NamesSchema.optional(),
  level: NamesSchema.optional(),
  message: NamesSchema.optional(),
});

/** What an event must hold; those that do not become dead letters. */
const EventSchemaSchema = z.strictObject({
  required: z.array(z.string().min(1)).default(['timestamp', 'level', 'service', 'message']),
  levels: z.array(z.string().min(1).toUpperCase()).optional(),
  types: z.record(z.string(), z.enum(['string', 'number', 'boolean', 'timestamp'])).default({}),
});

const common = {
  /** `auto` tries the patterns, then json, syslog, timestamped, access and logfmt, in this order. */
  parser: z.string().min(1).optional(),
  /** Zone of times that name none. */
  zone: ZoneSchema.optional(),
  /** Names of the fields in JSON and logfmt, looked at before the usual ones; `a.b` steps into objects. */
  fields: FieldsSchema.optional(),
  /** Lines that belong to the one before: `stack` (stack traces), `none`, or a regular expression that finds them. */
  join: z.string().min(1).refine(isRe2, 'expected stack, none or a regular expression as RE2 takes it').optional(),
  schema: EventSchemaSchema.optional(),
};

/** How texts and fields are read: for everybody, and by service for those that are different. */
export const ParsingSchema = z
  .strictObject({
    ...common,
    /** Regular expressions by name, with the named groups time, service, level, message, trace_id. */
    patterns: z
      .record(
        z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected lower-case letters, digits and dashes'),
        PatternSchema,
      )
      .default({}),
    sources: z.record(z.string().min(1), z.strictObject(common)).default({}),
  })
  .superRefine(({ parser, patterns, sources }, context) => {
    const known = (name: string | undefined) =>
      name === undefined || BUILT_IN.includes(name) || Object.hasOwn(patterns, name);
    const message = `expected one of ${BUILT_IN.join(', ')}, or the name of one of parsing.patterns`;
    if (!known(parser)) context.addIssue({ code: 'custom', path: ['parser'], message });
    for (const [service, source] of Object.entries(sources)) {
      if (!known(source.parser)) context.addIssue({ code: 'custom', path: ['sources', service, 'parser'], message });
    }
  });
export type ParsingSettings = Readonly<z.output<typeof ParsingSchema>>;

function isRe2(text: string): boolean {
  try {
    RE2JS.compile(text);
    return true;
  } catch {
    return false;
  }
}

function isZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
