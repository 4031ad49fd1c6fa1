import { RequestError } from '@sentinellog/shared';
import type { FastifySchemaCompiler } from 'fastify';
import { z, type ZodType } from 'zod';

/** Validates bodies, queries and path parameters; what fails says where and what was wanted, never what was sent. */
export const compileValidator: FastifySchemaCompiler<ZodType> = ({ schema, httpPart }) => {
  return (data) => {
    const result = schema.safeParse(data);
    if (result.success) return { value: result.data };
    const faults = result.error.issues.slice(0, 5).map((issue) => faultOf(issue, schema, httpPart ?? 'request'));
    return { error: new RequestError('invalid_request', faults.join('; ')) };
  };
};

function faultOf(issue: z.core.$ZodIssue, schema: ZodType, part: string): string {
  const place = [part, ...issue.path.map(String)].join('.');
  // Zod's own messages repeat what was sent in some cases; these five are said in our words, the rest only by their place.
  if (issue.code === 'unrecognized_keys') {
    return `${place} has ${issue.keys.length} field(s) that are not known here${takenFields(schema)}`;
  }
  if (issue.code === 'invalid_type') return `${place} must be of type ${issue.expected}`;
  if (issue.code === 'too_big') return `${place} must be at most ${issue.maximum}${unitOf(issue.origin)}`;
  if (issue.code === 'too_small') return `${place} must be at least ${issue.minimum}${unitOf(issue.origin)}`;
  if (issue.code === 'invalid_value') return `${place} must be one of ${issue.values.map(String).join(', ')}`;
  return `${place} is not valid`;
}

function takenFields(schema: ZodType): string {
  return schema instanceof z.ZodObject ? ` (known: ${Object.keys(schema.shape).join(', ')})` : '';
}

function unitOf(origin: string): string {
  switch (origin) {
    case 'string':
      return ' characters';
    case 'array':
      return ' entries';
    default:
      return '';
  }
}
