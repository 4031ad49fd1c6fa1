/** Ways to send logs that people already run, as text to paste. */
export const SENDERS = [
  { id: 'curl', label: 'curl' },
  { id: 'otlp', label: 'OTLP' },
  { id: 'syslog', label: 'syslog' },
  { id: 'kubernetes', label: 'Kubernetes' },
  { id: 'fluent-bit', label: 'Fluent Bit' },
] as const;
export type SenderId = (typeof SENDERS)[number]['id'];

export interface SenderText {
  readonly text: string;
  /** What has to be true beside it. */
  readonly note: string;
}

/** What to run or to configure so that logs go to the agent at `url` under `key`. */
export function senderText(id: SenderId, url: string, key: string): SenderText {
  const base = url.replace(/\/$/, '');
  const { host, port, tls } = partsOf(base);
  switch (id) {
    case 'curl':
      return {
        text: `curl ${base}/v1/ingest \\
  -H "X-Sentinel-Key: ${key}" \\
  -H "content-type: application/json" \\
  -d '{"service":"checkout","level":"info","message":"hello"}'`,
        note: 'One JSON object, an array, or one object a line. Gzip and zstd are understood.',
      };
    case 'otlp':
      return {
        text: `export OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=${base}/v1/logs
export OTEL_EXPORTER_OTLP_LOGS_HEADERS=x-sentinel-key=${key}
export OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=http/protobuf`,
        note: 'For any OpenTelemetry SDK or Collector. The service is service.name of the resource.',
      };
    case 'syslog':
      return {
        text: `# the agent's configuration: syslog carries no key, so its port is switched on there
receive:
  syslog:
    tcp: { listen: 0.0.0.0:5514 }

# then, on the sender
logger --server ${host} --port 5514 --tcp --rfc5424 --tag checkout 'hello'`,
        note: 'Who may send is decided by address (private networks by default). A key on the port is optional: receive.syslog.tcp.key.',
      };
    case 'kubernetes':
      return {
        text: `kubectl create secret generic sentinellog --from-literal=key=${key}
# in the pod template of the service
env:
  - name: OTEL_EXPORTER_OTLP_LOGS_ENDPOINT
    value: ${base}/v1/logs
  - name: SENTINELLOG_KEY
    valueFrom: { secretKeyRef: { name: sentinellog, key: key } }
  - name: OTEL_EXPORTER_OTLP_LOGS_HEADERS
    value: x-sentinel-key=$(SENTINELLOG_KEY)`,
        note: 'Or without touching a pod: an agent on the node reads /var/log/pods (receive.pods.dir).',
      };
    case 'fluent-bit':
      return {
        text: `[OUTPUT]
    Name             http
    Match            *
    Host             ${host}
    Port             ${port}
    Tls              ${tls ? 'On' : 'Off'}
    URI              /v1/ingest
    Format           json_lines
    Json_date_key    timestamp
    Json_date_format iso8601
    Compress         gzip
    Header           X-Sentinel-Key ${key}
    Retry_Limit      no_limits`,
        note: 'With storage.type filesystem on the inputs nothing is lost while the agent cannot be reached.',
      };
    default:
      return id satisfies never;
  }
}

function partsOf(url: string): { readonly host: string; readonly port: string; readonly tls: boolean } {
  const { hostname, port, protocol } = new URL(url);
  const tls = protocol === 'https:';
  return { host: hostname, port: port === '' ? (tls ? '443' : '80') : port, tls };
}
