import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { ProblemCode } from '@sentinellog/shared';
import type { BodyPool } from './body-pool.ts';
import { BodySink, type ReceivedBody } from './body-sink.ts';
import type { ContentDecoding } from './content-encoding.ts';

export interface BodyLimits {
  /** As it comes over the wire. */
  readonly rawBytes: number;
  /** After decompression. */
  readonly decodedBytes: number;
}

export type BodyOutcome =
  | { readonly type: 'body'; readonly body: ReceivedBody }
  | { readonly type: 'refused'; readonly code: ProblemCode; readonly detail: string }
  /** The client has gone; there is nobody to answer. */
  | { readonly type: 'gone' };

/**
 * Reads a request's body, decoded, and calls `done` once. Sizes are counted while it streams: by Content-Length before
 * the first byte, on the wire, and behind the decoder, since `maxOutputLength` of zlib does not bound its streams.
 * What still comes after a refusal is the caller's to discard.
 * @param head put before the body; may be empty
 */
export function readBody(
  request: IncomingMessage,
  decoding: Exclude<ContentDecoding, { type: 'unsupported' }>,
  limits: BodyLimits,
  pool: BodyPool,
  head: Buffer,
  done: (outcome: BodyOutcome) => void,
): void {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limits.rawBytes) {
    done(tooLarge(limits));
    return;
  }
  const isPlain = decoding.type === 'identity';
  const most = head.length + (isPlain ? limits.rawBytes : limits.decodedBytes);
  // A decoder goes on writing into the memory of its last chunk, and a head is used again.
  const isSole = isPlain && head.length === 0;
  const sink = new BodySink(pool, most, isPlain ? head.length + declared : 0, isSole);
  if (head.length > 0) sink.add(head);
  const decoder = isPlain ? undefined : decoding.createDecoder();
  const source: Readable = decoder ?? request;
  let isDone = false;

  const settle = (outcome: BodyOutcome): void => {
    if (isDone) return;
    isDone = true;
    if (outcome.type !== 'body') {
      sink.abandon();
      if (decoder !== undefined) {
        request.unpipe(decoder);
        decoder.destroy();
      }
    }
    done(outcome);
  };
  source.on('data', (chunk: Buffer) => {
    if (isDone) return;
    switch (sink.add(chunk)) {
      case 'taken':
        return;
      case 'too_large':
        return settle(isPlain ? tooLarge(limits) : decodedTooLarge(limits));
      case 'overloaded':
        return settle({
          type: 'refused',
          code: 'overloaded',
          detail: 'too many bytes of request bodies are in flight; send again in a second',
        });
    }
  });
  source.on('end', () => settle({ type: 'body', body: sink.finish() }));
  // Also where the connection broke: Node makes that an error only for those who listen for one.
  request.on('close', () => {
    if (!request.complete) settle({ type: 'gone' });
  });
  if (decoder === undefined) return;

  let rawBytes = 0;
  request.on('data', (chunk: Buffer) => {
    rawBytes += chunk.length;
    if (rawBytes > limits.rawBytes) settle(tooLarge(limits));
  });
  decoder.on('error', (error) => {
    const detail = `the body is not what its Content-Encoding says: ${error.message}`;
    settle({ type: 'refused', code: 'invalid_request', detail });
  });
  request.pipe(decoder);
}

function tooLarge({ rawBytes }: BodyLimits): BodyOutcome {
  return { type: 'refused', code: 'body_too_large', detail: `the limit is ${rawBytes} bytes; send smaller batches` };
}

function decodedTooLarge({ decodedBytes }: BodyLimits): BodyOutcome {
  return {
    type: 'refused',
    code: 'decompressed_too_large',
    detail: `the limit is ${decodedBytes} bytes after decompression; send smaller batches`,
  };
}
