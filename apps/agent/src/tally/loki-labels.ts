const encoder = new TextEncoder();
const encoded = (names: readonly string[]): readonly Uint8Array[] => names.map((name) => encoder.encode(name));

/** Loki's own order of looking for a service (its `discover_service_name`), most specific first. */
const SERVICE_LABELS = encoded([
  'service_name',
  'service',
  'app',
  'application',
  'app_name',
  'name',
  'app_kubernetes_io_name',
  'container',
  'container_name',
  'k8s_container_name',
  'component',
  'workload',
  'job',
  'k8s_job_name',
]);
const LEVEL_LABELS = encoded(['level', 'detected_level', 'severity', 'lvl', 'loglevel']);
export const TRACE_LABELS: readonly string[] = ['trace_id', 'traceID', 'traceId', 'traceid'];

/** Lower is more telling; Infinity for a label that is not one of them. */
export function serviceRank(bytes: Uint8Array, start: number, end: number): number {
  return rankOf(SERVICE_LABELS, bytes, start, end);
}

export function levelRank(bytes: Uint8Array, start: number, end: number): number {
  return rankOf(LEVEL_LABELS, bytes, start, end);
}

function rankOf(names: readonly Uint8Array[], bytes: Uint8Array, start: number, end: number): number {
  for (let rank = 0; rank < names.length; rank++) if (isSame(names[rank], bytes, start, end)) return rank;
  return Number.POSITIVE_INFINITY;
}

function isSame(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
  return true;
}
