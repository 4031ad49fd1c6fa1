import { type AgentSection, loadOn } from '../section.ts';
import { BATCHED } from './p1-batches.ts';

/** P3: OTLP over HTTP in protobuf, plain and in gzip. */
export const measureOtlp: AgentSection = async ({ seconds, progress }, agent) => {
  const otlp = { ...BATCHED, path: '/v1/logs' };
  progress('P3: OTLP protobuf');
  const plain = await loadOn(agent, { ...otlp, format: 'otlp' }, seconds);
  progress('P3: OTLP protobuf in gzip');
  const gzip = await loadOn(agent, { ...otlp, format: 'otlp-gzip' }, seconds);
  return {
    p3_otlp_events_per_second: plain.events / plain.seconds,
    p3_otlp_gzip_events_per_second: gzip.events / gzip.seconds,
    p3_failed_requests: plain.failures + gzip.failures,
  };
};
