import { z } from 'zod';

/** `127.0.0.1:8400`, `[::1]:8400`, `:8400` (every interface). Port 0 asks the system for a free one. */
export const ListenSchema = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]*):\d{1,5}$/, 'expected HOST:PORT, for instance 127.0.0.1:8400')
  .transform((text) => {
    const colon = text.lastIndexOf(':');
    const host = text.slice(0, colon).replace(/^\[|\]$/g, '');
    return { host: host === '' ? '0.0.0.0' : host, port: Number(text.slice(colon + 1)) };
  })
  .refine(({ port }) => port <= 65_535, 'expected a port from 0 to 65535');
