import type { Anomaly, Receipt, SampleLine } from '@sentinellog/shared';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { LogText } from '../../components/log-text.tsx';
import { SeverityBadge } from '../../components/severity-badge.tsx';
import { useTick } from '../../components/use-tick.ts';
import type { AgentView } from '../../stores/agents-state.ts';
import { useConsole, useView } from '../../stores/use-console.ts';
import { isOpen, kindOf, seriesName, stateWords } from '../../words/anomaly-words.ts';
import { momentOf, secondOf, type Clock } from '../../words/clock.ts';
import { duration } from '../../words/duration.ts';
import { exactly, milliseconds, percent, sigmas } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import { Fact, FactHeading, FactList } from './fact-list.tsx';

/** Of series that do not count anything. */
const UNITS: Readonly<Record<string, (value: number) => string>> = {
  error_rate: percent,
  'score:isolation_forest': percent,
  latency_p99: milliseconds,
};

interface AnomalyDetailsProps {
  readonly anomaly: Anomaly;
  readonly agent: AgentView;
}

export function AnomalyDetails({ anomaly, agent }: AnomalyDetailsProps) {
  const console = useConsole();
  const clock = useView((view) => view.preferences.clock);
  const nowMs = useTick(console.now, 1000);
  const { receipt } = anomaly;
  const unit = UNITS[anomaly.signal] ?? exactly;
  const lasted = (anomaly.ended_at_ms ?? nowMs) - anomaly.started_at_ms;
  const isolate = () => {
    console.isolate({ agentId: agent.saved.agentId, sourceId: anomaly.source_id });
    console.select({ agentId: agent.saved.agentId, eventId: anomaly.event_id });
  };
  return (
    <article className="flex flex-col gap-5 p-4">
      <header className="flex flex-col gap-2.5">
        <div className="flex items-center gap-2">
          <SeverityBadge severity={anomaly.severity}>{sigmas(anomaly.deviation_score)}</SeverityBadge>
          <span className="text-sm text-text-2">
            {kindOf(anomaly)}, {stateWords(anomaly)}
          </span>
        </div>
        <p className="text-lg font-semibold text-text-1">
          {visibleText(anomaly.service)}
          <span className="font-normal text-text-3">@{agent.saved.code}</span>
        </p>
        <p className="text-base text-text-1">{visibleText(anomaly.reason)}</p>
      </header>
      <Comparison anomaly={anomaly} unit={unit} />
      <FactList>
        <Fact label={isOpen(anomaly) ? 'Outside since' : 'Began'}>
          {momentOf(anomaly.started_at_ms, clock, nowMs)}, {isOpen(anomaly) ? 'for' : 'lasted'}{' '}
          {duration(Math.max(0, lasted))}
        </Fact>
        <Fact label="Noticed after">{duration(Math.max(0, anomaly.detected_at_ms - anomaly.started_at_ms))}</Fact>
        <Fact label="Signal">{seriesName(anomaly.signal)}</Fact>
        <Fact label="Detector">{visibleText(anomaly.detector)}</Fact>
      </FactList>
      <div className="flex gap-2">
        <Button onClick={isolate}>Show the service alone</Button>
        <Button onClick={() => console.brush.zoomTo(around(anomaly, nowMs))}>Zoom to it</Button>
      </div>
      <SampleLines clock={clock} lines={anomaly.raw_data_sample} />
      <ReceiptTable clock={clock} nowMs={nowMs} receipt={receipt} unit={unit} />
    </article>
  );
}

/** Observed against expected, as two bars of one scale: the size of the matter before any number is read. */
function Comparison({ anomaly, unit }: { readonly anomaly: Anomaly; readonly unit: (value: number) => string }) {
  const most = Math.max(anomaly.observed, anomaly.expected, Number.MIN_VALUE);
  const rows = [
    { word: 'Observed', value: anomaly.observed, bar: 'bg-chart-line' },
    { word: 'Expected', value: anomaly.expected, bar: 'bg-chart-mean' },
  ];
  return (
    <div className="grid grid-cols-[72px_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-2 rounded-md bg-bg-2 p-3 text-sm">
      {rows.map(({ word, value, bar }) => (
        <p className="contents" key={word}>
          <span className="text-text-3">{word}</span>
          <span aria-hidden="true" className="h-2 rounded-sm bg-bg-0">
            <span className={`block h-2 min-w-0.5 rounded-sm ${bar}`} style={{ width: `${(100 * value) / most}%` }} />
          </span>
          <span className="text-right font-semibold text-text-1">{unit(value)}</span>
        </p>
      ))}
      <p className="col-span-3 text-xs text-text-3">
        in {anomaly.receipt.window_seconds} s
        {anomaly.signal === 'error_rate' && `, of ${exactly(anomaly.receipt.events)} lines`}
      </p>
    </div>
  );
}

const LEVEL_COLOURS: Readonly<Record<string, string>> = {
  fatal: 'text-lv-error',
  error: 'text-lv-error',
  warn: 'text-lv-warn',
  info: 'text-lv-info',
};

function SampleLines({ lines, clock }: { readonly lines: readonly SampleLine[]; readonly clock: Clock }) {
  return (
    <section>
      <FactHeading>Lines from that time</FactHeading>
      {lines.length === 0 ? (
        <p className="text-sm text-text-3">No line was kept: there were too few, or none at all.</p>
      ) : (
        <ul className="flex flex-col gap-1.5 font-mono text-xs leading-5">
          {lines.map((line) => (
            <li className="rounded-md bg-bg-0 px-2.5 py-1.5 break-words" key={`${line.at_ms} ${line.message}`}>
              <span className="text-text-3">{secondOf(line.at_ms, clock)}</span>{' '}
              <span className={`font-semibold uppercase ${LEVEL_COLOURS[line.level] ?? 'text-lv-debug'}`}>
                <LogText text={line.level} />
              </span>{' '}
              <span className="text-text-1">
                <LogText text={line.message} />
              </span>
              {line.trace_id !== undefined && (
                <span className="block truncate text-text-3">
                  trace <LogText text={line.trace_id} />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

interface ReceiptTableProps {
  readonly receipt: Receipt;
  readonly clock: Clock;
  readonly nowMs: number;
  readonly unit: (value: number) => string;
}

/** Everything the decision was made from: enough to make it again by hand. */
function ReceiptTable({ receipt, clock, nowMs, unit }: ReceiptTableProps) {
  return (
    <section>
      <div className="mb-2 flex items-center justify-between">
        <FactHeading>Receipt</FactHeading>
        <CopyButton label="Copy JSON" text={JSON.stringify(receipt, null, 2)} />
      </div>
      <FactList>
        <Fact label="Window">
          {momentOf(receipt.window_start * 1000, clock, nowMs)}, {receipt.window_seconds} s
        </Fact>
        <Fact label="Value">{unit(receipt.value)}</Fact>
        <Fact label="Mean ± σ">
          {unit(receipt.mean)} ± {unit(receipt.stddev)}
        </Fact>
        <Fact label="z">{receipt.z.toFixed(2)}</Fact>
        <Fact label="Had to reach">
          {receipt.threshold.toFixed(2)} ({receipt.sensitivity}, {receipt.sigma}σ)
        </Fact>
        <Fact label="Baseline">
          {visibleText(receipt.slot)}, {visibleText(receipt.time_zone)}, n = {exactly(receipt.n)}
        </Fact>
        <Fact label="Engine">{visibleText(receipt.engine)}</Fact>
      </FactList>
      <p className="mt-3 text-xs text-text-3">
        Saved as receipt.json, <code className="font-mono text-text-2">sentinellog verify receipt.json</code> works z
        out again, offline.
      </p>
    </section>
  );
}

/** The anomaly with as much calm on either side as it lasted, and at least two minutes. */
function around(anomaly: Anomaly, nowMs: number) {
  const endMs = anomaly.ended_at_ms ?? nowMs;
  const calmMs = Math.max(120_000, endMs - anomaly.started_at_ms);
  return { fromMs: anomaly.started_at_ms - calmMs, toMs: Math.min(nowMs, endMs + calmMs) };
}
