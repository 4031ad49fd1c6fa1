import { z } from 'zod';
import { MINUTE_SERIES, SIGNALS } from './series.ts';

const TEMPLATE_OR_RULE = /^(template:[0-9a-f]{16}|rule:[0-9A-Za-z-]{1,64}(:[0-9a-f]{8})?)$/;
/** Not in `series.ts`, which the console's page loads first and without a schema library: page scripts are counted in KB. */
export const SeriesNameSchema = z.union([
  z.enum(SIGNALS),
  z.enum(MINUTE_SERIES),
  z.custom<`template:${string}` | `rule:${string}`>(
    (value) => typeof value === 'string' && TEMPLATE_OR_RULE.test(value),
    'no template:<id> and no rule:<id>',
  ),
]);
