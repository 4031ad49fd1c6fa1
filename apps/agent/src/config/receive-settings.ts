import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import { ListenSchema } from './listen-setting.ts';

/** This machine and private networks (RFC 1918, RFC 4193): whoever wants more says so. */
const PRIVATE_NETWORKS = ['127.0.0.0/8', '::1/128', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];

const CidrSchema = z
  .string()
  .refine((text) => {
    const [address = '', prefix] = text.split('/');
    const family = isIP(address);
    const bits = prefix === undefined ? 0 : Number(prefix);
    return family !== 0 && Number.isInteger(bits) && bits >= 0 && bits <= (family === 4 ? 32 : 128);
  }, 'expected an address or a network, for instance 10.0.0.0/8')
  .transform((text) => (text.includes('/') ? text : `${text}/${isIP(text) === 4 ? 32 : 128}`));

const FileSchema = z
  .string()
  .min(1)
  .transform((path) => resolve(path));

/** A port that takes logs from senders which cannot present a key. */
const lane = {
  /** Absent or null: this protocol is not taken. Port 0 asks the system for a free one. */
  listen: ListenSchema.nullish(),
  /** Who may send, by address: these protocols carry no key. Addresses of UDP can be forged. */
  allow: z.array(CidrSchema).default(PRIVATE_NETWORKS),
  /** Ingest key that everything taken here is counted under; absent: the tenant `default`. */
  key: z.string().min(1).optional(),
};
const tls = {
  certFile: FileSchema.optional(),
  keyFile: FileSchema.optional(),
  /** Given: only clients with a certificate of this authority are let in. */
  clientCaFile: FileSchema.optional(),
};

const TailSchema = z.strictObject({
  glob: z.string().min(1),
  exclude: z.array(z.string().min(1)).default([]),
  /** The service of lines that name none; absent: the file's name without its ending. */
  service: z.string().min(1).optional(),
  /** Where to begin with a file that was there at the very first start; one that appears later is read from its start. */
  from: z.enum(['start', 'end']).default('start'),
});

const PullSchema = z.strictObject({
  /** Elasticsearch or OpenSearch, without credentials. */
  url: z.url({ protocol: /^https?$/ }),
  indices: z
    .array(z.string().regex(/^[^\s/?#"\\,]+$/, 'expected an index, an alias or a pattern'))
    .min(1)
    .default(['app-logs-all']),
  username: z.string().min(1).optional(),
  password: z.string().min(1).optional(),
  apiKey: z.string().min(1).optional(),
  /** Ingest key that everything read here is counted under; absent: the tenant `default`. */
  key: z.string().min(1).optional(),
  timeField: z.string().min(1).default('@timestamp'),
  pollSeconds: z.number().min(0.1).max(3600).default(30),
  /** Documents that become visible so much later than they say are still found. */
  lookbackMinutes: z.number().min(0.1).max(1440).default(5),
  pageSize: z.number().int().min(1).max(10_000).default(1000),
  timeoutSeconds: z.number().min(0.1).max(600).default(30),
});

/** Where logs come from besides HTTP. Everything here is off until it is set. */
export const ReceiveSchema = z.strictObject({
  syslog: z
    .strictObject({
      tcp: z.strictObject(lane).prefault({}),
      udp: z.strictObject(lane).prefault({}),
      tls: z.strictObject({ ...lane, ...tls }).prefault({}),
    })
    .prefault({}),
  relp: z.strictObject({ ...lane, ...tls }).prefault({}),
  /** OTLP over gRPC: the key comes with each call. */
  grpc: z
    .strictObject({ listen: ListenSchema.nullish(), certFile: FileSchema.optional(), keyFile: FileSchema.optional() })
    .prefault({}),
  files: z.array(TailSchema).default([]),
  /** Folder in which Kubernetes keeps the logs of its pods: /var/log/pods. */
  pods: z.strictObject({ dir: FileSchema.optional(), exclude: z.array(z.string().min(1)).default([]) }).prefault({}),
  /** Lines on the agent's own standard input are of this service; absent: it is not read. */
  stdinService: z.string().min(1).optional(),
  elasticsearch: z.array(PullSchema).default([]),
});
export type ReceiveSettings = Readonly<z.output<typeof ReceiveSchema>>;
export type LaneSettings = ReceiveSettings['syslog']['tcp'] & Partial<Pick<ReceiveSettings['relp'], keyof typeof tls>>;
export type PullSettings = ReceiveSettings['elasticsearch'][number];
