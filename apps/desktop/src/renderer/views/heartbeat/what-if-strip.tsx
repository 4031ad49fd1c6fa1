import { SENSITIVITY_SIGMA, SEVERITIES, type LadderAnswer, type Sensitivity } from '@sentinellog/shared';
import { Button } from '../../components/button.tsx';
import { reachableWords, SensitivityBar } from '../../components/sensitivity-bar.tsx';
import { useEffect, useState } from 'react';
import { useTick } from '../../components/use-tick.ts';
import { useCommand } from '../../commands/keyboard.tsx';
import type { FeedSource } from '../../stores/plot-sources.ts';
import type { ScopedSource } from '../../stores/scope.ts';
import { timeRange } from '../../stores/time-range.ts';
import { useConsole, useView } from '../../stores/use-console.ts';
import { differenceWords, estimateAt, newOnes, type TriedColumns, type WouldBe } from '../../stores/what-if.ts';
import { exactly, plural } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';

/** New data is judged by both thresholds while one is tried. */
const JUDGE_AGAIN_MS = 1000;

const NOTHING: TriedColumns = { t: [], value: [], mean: [], lower: [], upper: [] };

interface WhatIfStripProps {
  readonly scoped: ScopedSource;
  readonly source: FeedSource;
  readonly tried: Sensitivity;
  /** What would be told of and is not now, whenever it is judged again. */
  readonly onNew: (ones: readonly WouldBe[]) => void;
}

/** What another sensitivity would have told of: first worked out here, then by the detector itself. */
export function WhatIfStrip({ scoped, source, tried, onNew }: WhatIfStripProps) {
  const console = useConsole();
  const rangeId = useView((view) => view.rangeId);
  const nowMs = useTick(console.now, JUDGE_AGAIN_MS);
  const apply = useCommand('chart.enter');
  const { sensitivity, service } = scoped.source;
  const { seconds, words } = timeRange(rangeId);
  const columns = source.read(nowMs / 1000 - seconds, nowMs / 1000)[0];
  const ladder = useLadder(scoped);
  const inForce = SENSITIVITY_SIGMA[sensitivity];
  const now = estimateAt(columns ?? NOTHING, inForce, sensitivity);
  const then = estimateAt(columns ?? NOTHING, inForce, tried);
  useEffect(() => onNew(newOnes(now, then)), [onNew, now, then]);
  useEffect(() => () => onNew([]), [onNew]);
  return (
    <div className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 border-t border-line-1 px-3 py-1 text-xs text-text-2">
      <SensitivityBar
        service={visibleText(service)}
        value={tried}
        onChange={(whatIf) => console.patchView({ whatIf })}
      />
      <span className="whitespace-nowrap">can be {reachableWords(tried)}</span>
      <span className="min-w-0 flex-1" role="status">
        {ladder === null ? (
          <>
            <strong className="font-semibold text-text-1">
              {now.incidents.length} → {plural(then.incidents.length, 'incident')}
            </strong>{' '}
            ({differenceWords(now, then, tried)}), {words} <span className="text-text-3">· estimate</span>
          </>
        ) : (
          <LadderWords from={SENSITIVITY_SIGMA[sensitivity]} ladder={ladder} to={SENSITIVITY_SIGMA[tried]} />
        )}
      </span>
      <Button
        disabledReason={tried === sensitivity ? 'this is what is set' : null}
        look="primary"
        size="small"
        onClick={apply.command.run}
      >
        Apply <kbd className="key key-inline">Enter</kbd>
      </Button>
      <Button look="quiet" size="small" onClick={() => console.patchView({ whatIf: null })}>
        Revert <kbd className="key">Esc</kbd>
      </Button>
    </div>
  );
}

/** The detector's own answer, once it is there; null until then, or where it cannot give one. */
function useLadder({ ref: { agentId, sourceId } }: ScopedSource): LadderAnswer | null {
  const console = useConsole();
  const [ladder, setLadder] = useState<LadderAnswer | null>(null);
  useEffect(() => {
    let isCurrent = true;
    const ask = async () => {
      const answer = await console.bridge.sensitivityLadder({ agentId, sourceId });
      // Without it the estimate stays, and says that it is one.
      if (isCurrent) setLadder(answer.ok ? answer.value : null);
    };
    void ask();
    return () => {
      isCurrent = false;
    };
  }, [console, agentId, sourceId]);
  return ladder;
}

interface LadderWordsProps {
  readonly ladder: LadderAnswer;
  readonly from: number;
  readonly to: number;
}

function LadderWords({ ladder, from, to }: LadderWordsProps) {
  const stepAt = (sigma: number) => ladder.steps.find((step) => step.sigma === sigma);
  const [now, then] = [stepAt(from), stepAt(to)];
  if (now === undefined || then === undefined) return null;
  const days = Math.max(1, (ladder.to_ms - ladder.from_ms) / 86_400_000);
  const changes = SEVERITIES.flatMap((severity) => {
    const by = (then.anomalies[severity] ?? 0) - (now.anomalies[severity] ?? 0);
    return by === 0 ? [] : [`${by > 0 ? '+' : '−'}${Math.abs(by)} ${severity}`];
  });
  return (
    <>
      <strong className="font-semibold text-text-1">
        {now.incidents} → {plural(then.incidents, 'incident')}
      </strong>
      {changes.length > 0 && ` (${changes.join(', ')})`}, last 24 h · pages a day {exactly(now.pages / days)} →{' '}
      {exactly(then.pages / days)}
      {then.noise > 0 && ` · ${then.noise} like what was marked noise`}{' '}
      <span className="text-text-3">· replayed by the detector</span>
    </>
  );
}
