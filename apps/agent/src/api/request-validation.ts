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
  switch (issue.code) {
    case 'unrecognized_keys':
      return `${place} has ${issue.keys.length} field(s) that are not known here${takenFields(schema)}`;
    case 'invalid_type':
      return `${place} must be of type ${issue.expected}`;
    case 'too_big':
      return `${place} must be at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'too_small':
      return `${place} must be at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'invalid_value':
      return `${place} must be one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return `${place} is not valid`;
  }
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
