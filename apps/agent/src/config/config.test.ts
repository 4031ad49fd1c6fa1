import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, type ConfigInput, loadConfig } from './config.ts';
import { ConfigSchema } from './config-schema.ts';
import { settingPaths } from './setting-paths.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sentinellog-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileOf(yaml: string): Promise<string> {
  const file = join(folder, 'sentinellog.yaml');
  await writeFile(file, yaml);
  return file;
}

async function refusal(origins: { yaml?: string; env?: Record<string, string>; overrides?: ConfigInput }) {
  const file = origins.yaml === undefined ? undefined : await fileOf(origins.yaml);
  try {
    loadConfig({ file, env: origins.env ?? {}, overrides: origins.overrides });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

const listen = (text: string) => loadConfig({ env: {}, overrides: { listen: text } }).listen;

describe('configuration', () => {
  it('is complete without a file, a variable or an option', async () => {
    const config = loadConfig({ env: {} });
    expect(config.listen).toEqual({ host: '127.0.0.1', port: 8400 });
    expect(config.database.url).toBeUndefined();
    expect(config.limits).toEqual({
      bodyBytes: 16_777_216,
      decompressedBytes: 67_108_864,
      pendingBytes: 67_108_864,
      connections: 2000,
      connectionsPerAddress: 1500,
      maxSourcesPerTenant: 10_000,
    });
    expect(config.journal.retentionDays).toBe(30);
    expect(config.checkpoint.intervalMs).toBe(2000);
  });

  it('takes the command line before the environment, and the environment before the file', async () => {
    const file = await fileOf('listen: 10.0.0.1:1\nagent: { name: from-file, code: FILE }\nlog: { level: warn }\n');
    const config = loadConfig({
      file,
      env: { SENTINELLOG_AGENT_CODE: 'ENV', SENTINELLOG_LISTEN: '10.0.0.2:2' },
      overrides: { listen: '10.0.0.3:3' },
    });
    expect(config.listen).toEqual({ host: '10.0.0.3', port: 3 });
    expect(config.agent).toEqual({ name: 'from-file', code: 'ENV' });
    expect(config.log.level).toBe('warn');
  });

  it('does not let an option that was not given hide the file', async () => {
    const file = await fileOf('dataDir: /srv/sentinellog\n');
    const config = loadConfig({ file, env: {}, overrides: { dataDir: undefined } });
    expect(config.dataDir).toBe('/srv/sentinellog');
  });

  it('gives every setting a variable that is named after its path', () => {
    const paths = settingPaths(ConfigSchema).map(({ path, variable }) => `${path.join('.')} ${variable}`);
    expect(paths).toContain('receive.syslog.tcp.listen SENTINELLOG_RECEIVE_SYSLOG_TCP_LISTEN');
    expect(paths).toContain('parsing.sources SENTINELLOG_PARSING_SOURCES');
    expect(paths.filter((path) => !/^(receive|parsing)\./.test(path))).toEqual([
      'listen SENTINELLOG_LISTEN',
      'dataDir SENTINELLOG_DATA_DIR',
      'database.url SENTINELLOG_DATABASE_URL',
      'agent.name SENTINELLOG_AGENT_NAME',
      'agent.code SENTINELLOG_AGENT_CODE',
      'limits.bodyBytes SENTINELLOG_LIMITS_BODY_BYTES',
      'limits.decompressedBytes SENTINELLOG_LIMITS_DECOMPRESSED_BYTES',
      'limits.pendingBytes SENTINELLOG_LIMITS_PENDING_BYTES',
      'limits.memoryBytes SENTINELLOG_LIMITS_MEMORY_BYTES',
      'limits.connections SENTINELLOG_LIMITS_CONNECTIONS',
      'limits.connectionsPerAddress SENTINELLOG_LIMITS_CONNECTIONS_PER_ADDRESS',
      'limits.keyEventsPerSecond SENTINELLOG_LIMITS_KEY_EVENTS_PER_SECOND',
      'limits.keyBytesPerDay SENTINELLOG_LIMITS_KEY_BYTES_PER_DAY',
      'limits.maxSourcesPerTenant SENTINELLOG_LIMITS_MAX_SOURCES_PER_TENANT',
      'journal.segmentBytes SENTINELLOG_JOURNAL_SEGMENT_BYTES',
      'journal.maxBytes SENTINELLOG_JOURNAL_MAX_BYTES',
      'journal.retentionDays SENTINELLOG_JOURNAL_RETENTION_DAYS',
      'journal.minFreeBytes SENTINELLOG_JOURNAL_MIN_FREE_BYTES',
      'journal.encryption SENTINELLOG_JOURNAL_ENCRYPTION',
      'journal.key SENTINELLOG_JOURNAL_KEY',
      'journal.keyFile SENTINELLOG_JOURNAL_KEY_FILE',
      'journal.vault.url SENTINELLOG_JOURNAL_VAULT_URL',
      'journal.vault.path SENTINELLOG_JOURNAL_VAULT_PATH',
      'journal.vault.field SENTINELLOG_JOURNAL_VAULT_FIELD',
      'journal.vault.tokenFile SENTINELLOG_JOURNAL_VAULT_TOKEN_FILE',
      'journal.vault.namespace SENTINELLOG_JOURNAL_VAULT_NAMESPACE',
      'search.threads SENTINELLOG_SEARCH_THREADS',
      'search.maxWaiting SENTINELLOG_SEARCH_MAX_WAITING',
      'checkpoint.intervalMs SENTINELLOG_CHECKPOINT_INTERVAL_MS',
      'incidents.quietMinutes SENTINELLOG_INCIDENTS_QUIET_MINUTES',
      'incidents.cooldownMinutes SENTINELLOG_INCIDENTS_COOLDOWN_MINUTES',
      'incidents.ackTimeoutMinutes SENTINELLOG_INCIDENTS_ACK_TIMEOUT_MINUTES',
      'clusters.embedding SENTINELLOG_CLUSTERS_EMBEDDING',
      'rules.readyMade SENTINELLOG_RULES_READY_MADE',
      'analysis.apiKey SENTINELLOG_ANALYSIS_API_KEY',
      'analysis.apiKeyFile SENTINELLOG_ANALYSIS_API_KEY_FILE',
      'analysis.model SENTINELLOG_ANALYSIS_MODEL',
      'analysis.maxTokens SENTINELLOG_ANALYSIS_MAX_TOKENS',
      'analysis.baseUrl SENTINELLOG_ANALYSIS_BASE_URL',
      'analysis.timeoutMs SENTINELLOG_ANALYSIS_TIMEOUT_MS',
      'analysis.dailyTokens SENTINELLOG_ANALYSIS_DAILY_TOKENS',
      'analysis.redact SENTINELLOG_ANALYSIS_REDACT',
      'console.dir SENTINELLOG_CONSOLE_DIR',
      'console.allowedOrigins SENTINELLOG_CONSOLE_ALLOWED_ORIGINS',
      'notify.consoleUrl SENTINELLOG_NOTIFY_CONSOLE_URL',
      'notify.allowPrivateHosts SENTINELLOG_NOTIFY_ALLOW_PRIVATE_HOSTS',
      'notify.secretKeyFile SENTINELLOG_NOTIFY_SECRET_KEY_FILE',
      'channels SENTINELLOG_CHANNELS',
      'log.level SENTINELLOG_LOG_LEVEL',
    ]);
  });

  it('reads numbers and lists from variables', async () => {
    const config = loadConfig({
      env: {
        SENTINELLOG_JOURNAL_RETENTION_DAYS: '7',
        SENTINELLOG_CONSOLE_ALLOWED_ORIGINS: 'https://ops.example.com, https://noc.example.com',
      },
    });
    expect(config.journal.retentionDays).toBe(7);
    expect(config.console.allowedOrigins).toEqual(['https://ops.example.com', 'https://noc.example.com']);
  });

  it('reads channels from one variable of JSON', () => {
    const channel = { id: 'ops', settings: { kind: 'slack_webhook' }, secrets: { url: { env: 'SLACK_URL' } } };
    const config = loadConfig({ env: { SENTINELLOG_CHANNELS: JSON.stringify([channel]) } });
    expect(config.channels).toEqual([{ ...channel, enabled: true, failover: null }]);
    expect(() => loadConfig({ env: { SENTINELLOG_CHANNELS: 'slack' } })).toThrow(/SENTINELLOG_CHANNELS: channels/);
  });

  it('takes no secret of a channel in clear', async () => {
    const error = await refusal({
      yaml: 'channels: [{ id: pd, settings: { kind: pagerduty }, secrets: { routingKey: R0123 } }]\n',
    });
    expect(error.problems[0]?.path).toBe('channels.0.secrets.routingKey');
    expect(error.message).not.toContain('R0123');
  });

  it('takes what has parts of its own as YAML from a variable, and says what is wrong in it', async () => {
    const config = loadConfig({
      env: { SENTINELLOG_PARSING_SOURCES: '{"nginx": {"parser": "access", "zone": "Europe/Berlin"}}' },
    });
    expect(config.parsing.sources).toEqual({ nginx: { parser: 'access', zone: 'Europe/Berlin' } });
    const error = await refusal({ env: { SENTINELLOG_PARSING_SOURCES: '{"nginx": {"parser": "nginx"}}' } });
    expect(error.message).toContain('parsing.sources.nginx.parser: expected one of auto, plain,');
  });

  it('takes a yes or no from a variable', () => {
    expect(loadConfig({ env: { SENTINELLOG_RULES_READY_MADE: 'true' } }).rules.readyMade).toBe(true);
    expect(() => loadConfig({ env: { SENTINELLOG_RULES_READY_MADE: 'perhaps' } })).toThrow(
      /SENTINELLOG_RULES_READY_MADE/,
    );
  });

  it('refuses zones, networks and expressions that are none', async () => {
    const error = await refusal({
      yaml: 'parsing: { zone: Mars/Olympus, join: "(?=x)" }\nreceive: { syslog: { udp: { allow: [10.0.0.0/33] } } }\n',
    });
    expect(error.problems.map(({ path }) => path)).toEqual([
      'receive.syslog.udp.allow.0',
      'parsing.zone',
      'parsing.join',
    ]);
  });

  it('knows plain DATABASE_URL, and its own name for it goes first', async () => {
    const plain = { DATABASE_URL: 'postgres://app:secret@db/one' };
    const own = { ...plain, SENTINELLOG_DATABASE_URL: 'postgres://app:secret@db/two' };
    expect(loadConfig({ env: plain }).database.url).toMatch(/one$/);
    expect(loadConfig({ env: own }).database.url).toMatch(/two$/);
  });

  it('starts in a cluster whose Service is called sentinellog', async () => {
    const env = { SENTINELLOG_PORT: 'tcp://10.43.0.7:8400', SENTINELLOG_SERVICE_HOST: '10.43.0.7' };
    expect(loadConfig({ env })).toMatchObject({ listen: { port: 8400 } });
  });

  it('refuses an unknown key with its path, its file and what is allowed', async () => {
    const error = await refusal({ yaml: 'journal:\n  maxByte: 5\n' });
    expect(error.message).toBe(
      `config file ${folder}/sentinellog.yaml: journal: unknown setting "maxByte"; ` +
        'allowed here: segmentBytes, maxBytes, retentionDays, minFreeBytes, encryption, key, keyFile, vault',
    );
  });

  it('names every problem at once, each with the place that set it', async () => {
    const error = await refusal({
      yaml: 'agent: { code: far-too-long }\n',
      env: { SENTINELLOG_CHECKPOINT_INTERVAL_MS: 'soon' },
      overrides: { listen: 'localhost' },
    });
    expect(error.problems.map(({ origin, path }) => [origin, path])).toEqual([
      ['option --listen', 'listen'],
      [`config file ${folder}/sentinellog.yaml`, 'agent.code'],
      ['environment variable SENTINELLOG_CHECKPOINT_INTERVAL_MS', 'checkpoint.intervalMs'],
    ]);
  });

  it('says which element of a list is wrong, and where the list was set', async () => {
    const error = await refusal({ env: { SENTINELLOG_CONSOLE_ALLOWED_ORIGINS: 'https://a.example,ops' } });
    expect(error.problems).toMatchObject([
      { origin: 'environment variable SENTINELLOG_CONSOLE_ALLOWED_ORIGINS', path: 'console.allowedOrigins.1' },
    ]);
  });

  it('never repeats a value that may be a secret', async () => {
    const error = await refusal({ env: { DATABASE_URL: 'mysql://app:hunter2@db/logs' } });
    expect(error.message).toContain('environment variable DATABASE_URL: database.url: expected postgresql://');
    expect(error.message).not.toContain('hunter2');
  });

  it('says so when the file is absent, is not YAML, or is not a list of settings', async () => {
    expect(() => loadConfig({ file: '/nowhere/sentinellog.yaml', env: {} })).toThrow(
      'config file /nowhere/sentinellog.yaml: cannot be read (ENOENT); check the path given with --config',
    );
    expect((await refusal({ yaml: 'agent: {name: x\n' })).message).toContain('is not valid YAML');
    expect((await refusal({ yaml: '- a\n- b\n' })).message).toContain('must hold settings');
  });

  it('accepts an empty file', async () => {
    const file = await fileOf('# nothing yet\n');
    expect(loadConfig({ file, env: {} })).toEqual(loadConfig({ env: {} }));
  });

  it('understands IPv6, every interface and a port of the system’s choice', async () => {
    expect(listen('[::1]:8400')).toEqual({ host: '::1', port: 8400 });
    expect(listen(':9000')).toEqual({ host: '0.0.0.0', port: 9000 });
    expect(listen('localhost:0')).toEqual({ host: 'localhost', port: 0 });
    expect(() => listen('127.0.0.1:70000')).toThrow('expected a port from 0 to 65535');
  });
});
