import { z } from 'zod';

/** One setting that can be given by an environment variable. */
export interface SettingPath {
  readonly path: readonly string[];
  readonly variable: string;
  /** `tree`: what has parts of its own, written as YAML (or JSON). */
  readonly kind: 'text' | 'number' | 'list' | 'tree';
}

/**
 * Every leaf of a schema with the variable that sets it: `journal.maxBytes` → `SENTINELLOG_JOURNAL_MAX_BYTES`.
 * Derived, so that a new setting has its variable on the day it is written.
 */
export function settingPaths(schema: z.ZodObject, prefix: readonly string[] = []): SettingPath[] {
  return Object.entries(schema.shape).flatMap(([key, field]) => {
    const path = [...prefix, key];
    const bare = unwrap(field);
    if (bare instanceof z.ZodObject) return settingPaths(bare, path);
    return [{ path, variable: variableOf(path), kind: kindOf(bare) }];
  });
}

function variableOf(path: readonly string[]): string {
  const words = path.map((part) => part.replaceAll(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase());
  return `SENTINELLOG_${words.join('_')}`;
}

/** The schema of what is written in a file: without its default, its optionality and what it becomes afterwards. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable
  )
    return unwrap(schema.def.innerType);
  return schema instanceof z.ZodPipe ? unwrap(schema.def.in) : schema;
}

function kindOf(schema: z.core.$ZodType): SettingPath['kind'] {
  if (schema instanceof z.ZodNumber) return 'number';
  // `true` and `false` are words of YAML, too.
  if (schema instanceof z.ZodRecord || schema instanceof z.ZodBoolean) return 'tree';
  if (schema instanceof z.ZodArray) return unwrap(schema.element) instanceof z.ZodObject ? 'tree' : 'list';
  return 'text';
}
