import { resolve } from 'node:path';
import { ChannelIdSchema, ChannelSettingsSchema } from '@sentinellog/shared';
import { z } from 'zod';
import { ListenSchema } from './listen-setting.ts';
import { ParsingSchema } from './parsing-settings.ts';
import { ReceiveSchema } from './receive-settings.ts';

const MIB = 1024 * 1024;

const filePath = z
  .string()
  .min(1)
  .transform((text) => resolve(text));

const bytes = (least: number) => z.number().int().min(least);

/** Where a secret is read from: never the file of the configuration itself, which lies in repositories and backups. */
const SecretSourceSchema = z.union([
  z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of a variable') }),
  /** Read again every few seconds, so that a rotated secret needs no restart. */
  z.strictObject({ file: z.string().min(1) }),
]);

const ConfiguredChannelSchema = z.strictObject({
  id: ChannelIdSchema,
  name: z.string().min(1).max(100).optional(),
  enabled: z.boolean().default(true),
  /** Told instead when this channel has not taken a delivery for two minutes. */
  failover: ChannelIdSchema.nullable().default(null),
  settings: ChannelSettingsSchema,
  secrets: z.record(z.string().max(40), SecretSourceSchema).default({}),
});

/** Everything that can be set, with its default. Unknown keys are refused, so that a typing error is not a silent default. */
export const ConfigSchema = z.strictObject({
  listen: ListenSchema.prefault('127.0.0.1:8400'),
  /** Journal, keys and the embedded database live here; one agent a folder. */
  dataDir: z
    .string()
    .min(1)
    .default('.data')
    .transform((path) => resolve(path)),
  database: z
    .strictObject({
      /** Absent: the agent runs a PostgreSQL of its own inside `dataDir`. */
      url: z
        .string()
        .regex(/^postgres(ql)?:\/\//, 'expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE')
        .optional(),
    })
    .prefault({}),
  agent: z
    .strictObject({
      name: z.string().min(1).max(64).default('local'),
      /** Shown on every row of a console that watches several clusters. */
      code: z
        .string()
        .regex(/^[A-Za-z0-9-]{1,6}$/, 'expected 1 to 6 letters, digits or dashes')
        .default('LOCAL'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      /** Of a request as it arrives. */
      bodyBytes: bytes(1024).default(16 * MIB),
      /** Of a request once decompressed; the OTLP specification recommends 64 MiB. */
      decompressedBytes: bytes(1024).default(64 * MIB),
      /** Accepted but not yet flushed to the journal; beyond it senders are told to come back. */
      pendingBytes: bytes(MIB).default(64 * MIB),
      /**
       * Of the agent's process, without PostgreSQL; absent: what its container may have, outside of one a quarter of the machine.
       * From 70 % of it large bodies are refused, from 85 % all.
       */
      memoryBytes: bytes(128 * MIB).optional(),
      /** Open at a time, in all and from one address. Behind a proxy every sender has the same address. */
      connections: z.number().int().min(16).max(100_000).default(2000),
      connectionsPerAddress: z.number().int().min(1).max(100_000).default(1500),
      /** What an ingest key may send that has no limits of its own; absent: as much as it likes. */
      keyEventsPerSecond: z.number().int().min(1).optional(),
      keyBytesPerDay: z.number().int().min(1).optional(),
      maxSourcesPerTenant: z.number().int().min(1).max(1_000_000).default(10_000),
    })
    .prefault({}),
  journal: z
    .strictObject({
      segmentBytes: bytes(MIB).default(64 * MIB),
      maxBytes: bytes(16 * MIB).default(10 * 1024 * MIB),
      /** Of sources that have no retention of their own. */
      retentionDays: z.number().int().min(1).max(3650).default(30),
      /** Left free on the volume, or a tenth of a small one; below it senders get 503 `disk_full`. */
      minFreeBytes: bytes(0).default(256 * MIB),
      /** `off` is for volumes that are encrypted by other means; a missing key never turns it off. */
      encryption: z.enum(['on', 'off']).default('on'),
      /** Keys of 32 bytes in Base64 or hexadecimal, the current one first. Meant for the environment, not for a file. */
      key: z.string().min(1).optional(),
      /** A file of such keys; absent: `journal.key` in `dataDir`, made at the first start. */
      keyFile: filePath.optional(),
      vault: z
        .strictObject({
          url: z.url({ protocol: /^https?$/ }),
          /** Mount and secret of the key-value engine (version 2). */
          path: z.string().min(3).default('secret/sentinellog'),
          field: z.string().min(1).default('journal_keys'),
          tokenFile: filePath,
          namespace: z.string().min(1).optional(),
        })
        .optional(),
    })
    .refine(({ key, keyFile, vault }) => [key, keyFile, vault].filter((source) => source !== undefined).length <= 1, {
      message: 'journal.key, journal.keyFile and journal.vault exclude each other: keep one',
    })
    .prefault({}),
  search: z
    .strictObject({
      /** Searches and exports at a time; each takes a core when nothing else wants it. */
      threads: z.number().int().min(1).max(64).default(2),
      /** Wait for a thread; the next one is told to come back. */
      maxWaiting: z.number().int().min(0).max(1000).default(8),
    })
    .prefault({}),
  checkpoint: z.strictObject({ intervalMs: z.number().int().min(100).max(60_000).default(2000) }).prefault({}),
  incidents: z
    .strictObject({
      /** All of an incident's series must be quiet for so long before it resolves by itself; one that flaps, longer. */
      quietMinutes: z.number().min(0.1).max(1440).default(5),
      /** What fires again so soon after its incident was resolved re-opens it. */
      cooldownMinutes: z.number().min(0).max(1440).default(30),
      /** An acknowledgement that nobody follows up runs out, and the incident opens again. */
      ackTimeoutMinutes: z.number().min(1).max(10_080).default(30),
    })
    .prefault({}),
  clusters: z
    .strictObject({
      /** Name of a plug-in that compares what templates mean, where their words do not tell; none is built in. */
      embedding: z.string().min(1).max(64).nullable().default(null),
    })
    .prefault({}),
  rules: z
    .strictObject({
      /** Whether the five ready-made threshold rules are switched on when they are first added. */
      readyMade: z.boolean().default(false),
    })
    .prefault({}),
  analysis: z
    .strictObject({
      /** Key of Claude. Absent, here and in the file: incidents are analysed by rules only, and nothing is ever sent. */
      apiKey: z.string().min(1).optional(),
      /** File that holds the key, read at the start. */
      apiKeyFile: z
        .string()
        .min(1)
        .transform((path) => resolve(path))
        .optional(),
      model: z.string().min(1).default('claude-sonnet-4-6'),
      maxTokens: z.number().int().min(256).max(8192).default(1024),
      baseUrl: z.url({ protocol: /^https?$/ }).optional(),
      timeoutMs: z.number().int().min(1000).max(120_000).default(20_000),
      /** Of questions and answers, in any 24 hours. */
      dailyTokens: z.number().int().min(0).default(200_000),
      /** Patterns (RE2 syntax) of what must not leave the building, besides the usual: mails, addresses, tokens, cards. */
      redact: z.array(z.string().min(1).max(500)).max(100).default([]),
    })
    .prefault({}),
  console: z
    .strictObject({
      /** Folder of the built browser console; absent: the one that comes with the agent. */
      dir: z
        .string()
        .min(1)
        .transform((path) => resolve(path))
        .optional(),
      /** Origins, besides the agent's own, whose pages may open the stream. */
      allowedOrigins: z.array(z.url({ protocol: /^https?$/ })).default([]),
    })
    .prefault({}),
  notify: z
    .strictObject({
      /** Where people reach the console: the links of messages lead there. Absent: messages have no links. */
      consoleUrl: z.url({ protocol: /^https?$/ }).optional(),
      /** Hosts, addresses and networks that channels may reach although they are private. */
      allowPrivateHosts: z.array(z.string().min(1).max(253)).default([]),
      /** 32 bytes, base64 or raw, that seal channel secrets in the database; replicas on one database share it. Absent: one is made in `dataDir`. */
      secretKeyFile: z.string().min(1).optional(),
    })
    .prefault({}),
  /** Ways to tell people that are kept with the configuration; others are made in the console. */
  channels: z
    .array(ConfiguredChannelSchema)
    .max(100)
    .refine(
      (channels) => new Set(channels.map(({ id }) => id)).size === channels.length,
      'two channels have the same id',
    )
    .default([]),
  receive: ReceiveSchema.prefault({}),
  parsing: ParsingSchema.prefault({}),
  log: z
    .strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info') })
    .prefault({}),
});
export type Config = Readonly<z.output<typeof ConfigSchema>>;
export type ConfigInput = z.input<typeof ConfigSchema>;
