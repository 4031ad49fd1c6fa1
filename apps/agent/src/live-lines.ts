import type { LiveLine } from '@sentinellog/shared';
import type { LineTap, TappedLine } from './tally/line-tap.ts';
import type { Tally } from './tally/tally.ts';
import type { Stream } from './stream/create-stream.ts';

/** Lines looked at in one delivery, four a second: 3 ms of a core at most, whatever comes in. */
const MOST_VISITED = 2000;

interface LiveLinesParts {
  readonly tap: LineTap;
  readonly audience: Stream['lines'];
  readonly tally: Pick<Tally, 'sourceIdOf' | 'templates'>;
  /** The template that an id stands for after merges by hand. */
  readonly resolveTemplate: (templateId: string) => string;
}

/** From what was just stored to the consoles that look at lines: called four times a second. */
export function deliverLines({ tap, audience, tally, resolveTemplate }: LiveLinesParts): void {
  tap.isWanted = audience.isWanted;
  const seen = tap.drain(MOST_VISITED, (line) => {
    const { atMs, tenant, service, level } = line;
    const sourceId = tally.sourceIdOf(tenant, service) ?? '';
    audience.offer({ atMs, sourceId, service, level, text: once(() => textOf(line, tally, resolveTemplate)) });
  });
  audience.deliver(seen);
}

function textOf(
  line: TappedLine,
  tally: LiveLinesParts['tally'],
  resolveTemplate: LiveLinesParts['resolveTemplate'],
): Pick<LiveLine, 'message' | 'trace_id' | 'template_id'> {
  const { message, traceId } = line.text();
  const template = tally.templates.templateOf(Buffer.from(message));
  return {
    message,
    template_id: template === null ? null : resolveTemplate(template),
    ...(traceId === undefined ? {} : { trace_id: traceId }),
  };
}

function once<Made>(make: () => Made): () => Made {
  let made: { readonly value: Made } | null = null;
  return () => (made ??= { value: make() }).value;
}
