import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { ConfigSchema } from '../../src/config/config-schema.ts';
import { settingPaths } from '../../src/config/setting-paths.ts';
import { VERSION } from '../../src/version.ts';
import { findHelm, HelmChart } from './helm.ts';
import { restrictedViolations } from './pod-security.ts';
import { Rendered, type RenderedObject } from './rendered.ts';

const CHART = fileURLToPath(new URL('../../chart', import.meta.url));

// At collection, so that a missing helm is said once and shown as skipped; a first build takes some two minutes.
const search = await findHelm();
if (search.type === 'missing') process.stderr.write(`skipped: the chart is not checked with helm, for ${search.why}\n`);
const chart = new HelmChart(search.type === 'found' ? search.path : 'helm', CHART);
const render = async (...settings: readonly string[]) => new Rendered(await chart.template(...settings));

const EVERYTHING = [
  'ingress.enabled=true',
  'ingress.host=logs.example.com',
  'ingress.tlsSecret=logs-tls',
  'ingress.className=nginx',
  'networkPolicy.enabled=true',
  'serviceMonitor.enabled=true',
  'database.existingSecret=logs-postgres',
  'image.digest=sha256:' + 'a'.repeat(64),
  'persistence.storageClass=fast',
  'priorityClassName=important',
  'podLabels.team=sre',
  'podAnnotations.note=hello',
];

function configOf(rendered: Rendered) {
  const folder = mkdtempSync(join(tmpdir(), 'sentinellog-chart-'));
  const file = join(folder, 'agent.yaml');
  try {
    writeFileSync(file, rendered.one('ConfigMap', 'agent').data?.['agent.yaml'] ?? '');
    return loadConfig({ file, env: {} });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const agentContainer = (rendered: Rendered) => {
  const [container, ...others] = rendered.one('StatefulSet').spec?.template.spec?.containers ?? [];
  if (!container || others.length > 0) throw new Error('expected one container');
  return container;
};

/** The annotation that makes the StatefulSet roll its pod. */
const checksum = async (...settings: readonly string[]) =>
  (await render(...settings)).one('StatefulSet').spec?.template.metadata?.annotations?.['checksum/config'];

describe.skipIf(search.type === 'missing')('the Helm chart', () => {
  it('passes helm lint', async () => {
    expect(await chart.lint()).toContain('1 chart(s) linted, 0 chart(s) failed');
  });

  it('renders a StatefulSet with what belongs to it, and nothing that was not asked for', async () => {
    const own = (await render()).objects.filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === undefined);
    expect(own.map(({ kind }) => kind).toSorted()).toEqual([
      'ConfigMap',
      'PodDisruptionBudget',
      'Service',
      'Service',
      'ServiceAccount',
      'StatefulSet',
    ]);
  });

  it('renders every part that can be switched on as objects that Kubernetes takes', async () => {
    const { kinds } = await render(...EVERYTHING);
    expect(kinds).toEqual(expect.arrayContaining(['Ingress', 'NetworkPolicy', 'ServiceMonitor']));
  });

  it.each([[[]], [EVERYTHING]])('keeps to the restricted pod security profile with %j', async (settings) => {
    const rendered = await render(...settings);
    const statefulSet = rendered.one('StatefulSet').spec?.template.spec;
    const test = rendered.one('Pod').spec;
    if (!statefulSet || !test) throw new Error('a pod has no spec');
    expect(restrictedViolations(statefulSet)).toEqual([]);
    expect(restrictedViolations(test)).toEqual([]);
  });

  it('writes only to its volume and to /tmp', async () => {
    const rendered = await render();
    const writable = (agentContainer(rendered).volumeMounts ?? []).filter((mount) => mount.readOnly !== true);
    expect(writable.map(({ mountPath }) => mountPath).toSorted()).toEqual(['/tmp', '/var/lib/sentinellog']);
    expect(configOf(rendered).dataDir).toBe('/var/lib/sentinellog');
    const [claim] = rendered.one('StatefulSet').spec?.volumeClaimTemplates ?? [];
    expect(claim?.spec?.resources?.requests).toEqual({ storage: '20Gi' });
  });

  it('gives the agent a configuration that the agent takes', async () => {
    const config = configOf(
      await render(
        'agent.name=europe',
        'agent.code=EU',
        'agent.logLevel=debug',
        'config.journal.maxBytes=10737418240',
        'config.journal.retentionDays=14',
        'config.console.allowedOrigins={https://consoles.example.com}',
      ),
    );
    expect(config).toMatchObject({
      listen: { host: '0.0.0.0', port: 8400 },
      agent: { name: 'europe', code: 'EU' },
      log: { level: 'debug' },
      journal: { maxBytes: 10_737_418_240, retentionDays: 14 },
      console: { allowedOrigins: ['https://consoles.example.com'] },
    });
  });

  it('starts the agent anew when its configuration changes, and only then', async () => {
    expect(await checksum('config.journal.retentionDays=14')).not.toBe(await checksum());
    expect(await checksum('service.port=80')).toBe(await checksum());
  });

  it('asks liveness of the process alone, and readiness of the agent', async () => {
    const { livenessProbe, readinessProbe, startupProbe, lifecycle } = agentContainer(await render());
    expect([livenessProbe, readinessProbe, startupProbe].map((probe) => probe?.httpGet?.path)).toEqual([
      '/livez',
      '/readyz',
      '/readyz',
    ]);
    expect(lifecycle?.preStop?.exec?.command).toEqual(['sleep', '5']);
  });

  it('takes the database URL from a Secret, never from a value', async () => {
    const environment = async (...settings: readonly string[]) => agentContainer(await render(...settings)).env ?? [];
    expect(await environment('database.existingSecret=logs-postgres', 'database.existingSecretKey=url')).toContainEqual(
      {
        name: 'DATABASE_URL',
        valueFrom: { secretKeyRef: { name: 'logs-postgres', key: 'url' } },
      },
    );
    expect((await environment()).map(({ name }) => name)).toEqual(['NODE_OPTIONS']);
    await expect(render('config.database.url=postgresql://u:p@h/d')).rejects.toThrow(
      /additional properties 'database' not allowed/,
    );
  });

  it('leads each Service to the agent, and not to the test pod', async () => {
    const rendered = await render();
    const labels = rendered.one('StatefulSet').spec?.template.metadata?.labels ?? {};
    const testLabels = rendered.one('Pod').metadata.labels;
    for (const name of ['agent', 'headless']) {
      const selector = rendered.one('Service', name).spec?.selector ?? {};
      expect(labels).toMatchObject(selector);
      expect(testLabels).not.toMatchObject(selector);
    }
    expect(rendered.one('StatefulSet').spec?.serviceName).toBe(rendered.one('Service', 'headless').metadata.name);
  });

  it('can be told apart from a second release, and keeps its names short enough', async () => {
    const rendered = await render(`fullnameOverride=${'a'.repeat(52)}`);
    for (const { metadata } of rendered.objects) expect(metadata.name.length).toBeLessThanOrEqual(63);
    expect((await render('nameOverride=logs')).one('StatefulSet').metadata.name).toBe('logs');
  });

  it('lets in whoever is named, or the cluster, and out to DNS and what is named', async () => {
    const open = (await render('networkPolicy.enabled=true')).one('NetworkPolicy').spec;
    expect(open?.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(open?.ingress?.[0]?.from).toEqual([{ namespaceSelector: {} }]);
    expect(open?.egress).toHaveLength(1);
    const closed = (
      await render(
        'networkPolicy.enabled=true',
        'networkPolicy.from[0].namespaceSelector.matchLabels.shippers=yes-please',
        'networkPolicy.egress[0].ports[0].port=5432',
      )
    ).one('NetworkPolicy').spec;
    expect(closed?.ingress?.[0]?.from).toEqual([{ namespaceSelector: { matchLabels: { shippers: 'yes-please' } } }]);
    expect(closed?.egress).toHaveLength(2);
  });

  it('does not scrape the pod twice', async () => {
    const rendered = await render('serviceMonitor.enabled=true');
    const monitor = rendered.objects.find(({ kind }) => kind === 'ServiceMonitor') as RenderedObject & {
      spec: { selector: { matchLabels: Record<string, string> }; endpoints: { port: string }[] };
    };
    const services = rendered.objects.filter(({ kind }) => kind === 'Service');
    const scraped = services.filter(({ metadata }) =>
      Object.entries(monitor.spec.selector.matchLabels).every(([key, value]) => metadata.labels[key] === value),
    );
    expect(scraped.map(({ metadata }) => metadata.name)).toEqual(['logs-sentinellog-agent-headless']);
    expect(monitor.spec.endpoints[0]?.port).toBe('http');
  });

  it.each([
    ['replicaCount=3', /additional properties 'replicaCount' not allowed/],
    ['image.tga=1', /'tga' not allowed/],
    ['config.journal.retentoinDays=3', /'retentoinDays' not allowed/],
    ['agent.code=far-too-long', /code/],
    ['image.digest=latest', /digest/],
    ['service.type=ExternalName', /type/],
    ['ingress.enabled=true', /ingress\.host is needed/],
  ])('refuses %s', async (setting, message) => {
    await expect(chart.template(setting)).rejects.toThrow(message);
  });

  it('says how to get the token and where to open the console', async () => {
    const notes = await chart.notes();
    expect(notes).toContain('exec logs-sentinellog-agent-0 -- cat /var/lib/sentinellog/credentials.json');
    expect(notes).toContain('port-forward service/logs-sentinellog-agent 8400:8400');
    expect(await chart.notes(...EVERYTHING)).toContain('https://logs.example.com/');
  });
});

const valuesSchema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as {
  properties: { config: SchemaNode };
};

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
}

function leavesOf({ properties }: SchemaNode, path: readonly string[] = []): string[] {
  if (properties === undefined) return [path.join('.')];
  return Object.entries(properties).flatMap(([name, node]) => leavesOf(node, [...path, name]));
}

describe('the chart and the agent', () => {
  it('know the same settings', () => {
    const setElsewhere = ['listen', 'dataDir', 'database', 'agent', 'log'];
    const inAgent = settingPaths(ConfigSchema).filter(({ path }) => !setElsewhere.includes(path[0]));
    // A key is no matter for a ConfigMap: it comes as a variable from a Secret.
    const keys = ['journal.key', 'analysis.apiKey'];
    const wanted = inAgent.map(({ path }) => path.join('.')).filter((path) => !keys.includes(path));
    expect(leavesOf(valuesSchema.properties.config).toSorted()).toEqual(wanted.toSorted());
  });

  it('are of one version', () => {
    expect(readFileSync(join(CHART, 'Chart.yaml'), 'utf8')).toContain(`\nappVersion: ${VERSION}\n`);
  });

  it('refuse a key they do not know at every level', () => {
    const open: string[] = [];
    const visit = (node: unknown, path: string) => {
      if (typeof node !== 'object' || node === null) return;
      if ('properties' in node && !('additionalProperties' in node)) open.push(path);
      for (const [key, value] of Object.entries(node)) visit(value, `${path}/${key}`);
    };
    visit(valuesSchema, '');
    expect(open).toEqual([]);
  });
});

describe('helm test', () => {
  const script = join(CHART, 'files/send-one-event.mjs');
  const run = promisify(execFile);

  /** An agent that accepts so many events of a request and shows so many. */
  async function testing(accepted: number, shown: number) {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(
        `${request.method} ${request.url?.split('?')[0]} ${String(request.headers['x-sentinel-key'] ?? request.headers.authorization)}`,
      );
      request.resume();
      response.end(
        JSON.stringify(request.method === 'POST' ? { accepted, rejected: 1 - accepted } : { total_events: shown }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const folder = mkdtempSync(join(tmpdir(), 'sentinellog-helm-test-'));
    const credentials = join(folder, 'credentials.json');
    writeFileSync(credentials, JSON.stringify({ ingestKey: 'slk_1', adminToken: 'slt_1' }));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const { stdout } = await run(process.execPath, [script, url, credentials]);
      return { stdout, seen };
    } finally {
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true });
    }
  }

  it('sends one event and reads it back', async () => {
    const { stdout, seen } = await testing(1, 1);
    expect(seen).toEqual(['POST /v1/ingest slk_1', 'GET /v1/heartbeats Bearer slt_1']);
    expect(stdout).toContain('sent one event, read back 1');
  });

  it.each([
    [0, 0, /did not accept/],
    [1, 0, /does not show it/],
  ])('fails when %d is accepted and %d are shown', async (accepted, shown, message) => {
    await expect(testing(accepted, shown)).rejects.toThrow(message);
  });
});
