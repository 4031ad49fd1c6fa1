import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { useStore } from 'zustand';
import { useBoxSize } from '../../charts/use-box-size.ts';
import { linePath } from '../../components/sparkline.tsx';
import { useTick } from '../../components/use-tick.ts';
import { DAY_MS, DayOverview } from '../../stores/day-overview.ts';
import type { ScopedSource } from '../../stores/scope.ts';
import { useConsole, useView } from '../../stores/use-console.ts';
import { minuteOf } from '../../words/clock.ts';
import { duration } from '../../words/duration.ts';

const HEIGHT = 30;
const REFRESH_MS = 60_000;
/** The frame moves with the clock; a second is less than a pixel. */
const MOVE_MS = 1000;
/** The least a hand can take hold of. */
const LEAST_FRAME_PX = 10;
const KEY_STEP = 0.25;

/** The last day as a strip under the chart, and in it a frame around what the chart shows: drag it to look elsewhere. */
export function DayRanger({ shown }: { readonly shown: readonly ScopedSource[] }) {
  const console = useConsole();
  const [overview] = useState(() => new DayOverview(console.bridge));
  const { values, endMs, failure } = useStore(overview.state);
  const clock = useView((view) => view.preferences.clock);
  const window = useView((view) => view.window);
  const nowMs = useTick(console.now, MOVE_MS);
  const host = useRef<HTMLDivElement>(null);
  const { width } = useBoxSize(host);
  const [dragged, setDragged] = useState<{ readonly fromMs: number; readonly toMs: number } | null>(null);
  const grab = useRef(0);
  const identity = shown.map(({ ref }) => `${ref.agentId}/${ref.sourceId}`).join(' ');

  useEffect(() => {
    const refs = identity.split(' ').flatMap((one) => {
      const [agentId, sourceId] = one.split('/');
      return agentId === undefined || sourceId === undefined ? [] : [{ agentId, sourceId }];
    });
    const load = () => void overview.load(refs, console.now());
    load();
    const timer = setInterval(load, REFRESH_MS);
    return () => clearInterval(timer);
  }, [overview, console, identity]);

  const edgeMs = console.edgeMs(console.agentIdsInScope());
  const span =
    dragged ??
    (window.type === 'fixed' ? window : { fromMs: Math.min(edgeMs, nowMs) - window.seconds * 1000, toMs: edgeMs });
  const startMs = endMs - DAY_MS;
  const xOf = (atMs: number) => Math.min(width, Math.max(0, ((atMs - startMs) / (edgeMs - startMs)) * width));
  const timeOf = (clientX: number) => {
    const left = host.current?.getBoundingClientRect().left ?? 0;
    return startMs + ((clientX - left) / Math.max(1, width)) * (edgeMs - startMs);
  };
  const isKnown = values.length > 0;
  const left = Math.max(0, Math.min(xOf(span.fromMs), width - LEAST_FRAME_PX));
  const frameWidth = Math.max(LEAST_FRAME_PX, xOf(span.toMs) - left);
  const widthMs = span.toMs - span.fromMs;
  const at = (fromMs: number) => {
    const from = Math.min(Math.max(fromMs, startMs), edgeMs - widthMs);
    return { fromMs: from, toMs: from + widthMs };
  };
  const look = (target: { readonly fromMs: number; readonly toMs: number }) => {
    console.brush.reach(target.fromMs);
    console.brush.zoomTo(target);
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (!isKnown) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const atMs = timeOf(event.clientX);
    // A press beside the frame brings the frame there.
    const isInside = atMs >= span.fromMs && atMs <= span.toMs;
    grab.current = isInside ? atMs - span.fromMs : widthMs / 2;
    setDragged(at(atMs - grab.current));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -KEY_STEP, ArrowRight: KEY_STEP, PageDown: -1, PageUp: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    look(at(span.fromMs + step * widthMs));
  };
  const most = Math.max(1, ...values.map((value) => value ?? 0));
  return (
    <div className="flex h-[38px] items-center gap-2 border-t border-line-1 px-3">
      <span className="w-9 text-2xs text-text-3">24 h</span>
      <div
        className="relative min-w-0 flex-1 touch-none"
        ref={host}
        style={{ height: HEIGHT }}
        onPointerDown={onPointerDown}
        onPointerMove={(event) => {
          if (dragged !== null) setDragged(at(timeOf(event.clientX) - grab.current));
        }}
        onPointerUp={() => {
          if (dragged !== null) look(dragged);
          setDragged(null);
        }}
        onPointerCancel={() => setDragged(null)}
      >
        {width > 0 && isKnown && (
          <svg aria-hidden="true" height={HEIGHT} width={width}>
            <path
              d={linePath(
                values,
                (i) => (i / Math.max(1, values.length - 1)) * xOf(endMs),
                (value) => HEIGHT - 2 - (value / most) * (HEIGHT - 4),
              )}
              fill="none"
              stroke="var(--color-chart-line)"
              strokeWidth="1"
            />
          </svg>
        )}
        {isKnown && (
          <div
            aria-label="Window on the last day"
            aria-valuemax={Math.round((edgeMs - startMs) / 60_000)}
            aria-valuemin={0}
            aria-valuenow={Math.round((span.fromMs - startMs) / 60_000)}
            aria-valuetext={`${minuteOf(span.fromMs, clock)} to ${minuteOf(span.toMs, clock)}, ${duration(widthMs)}`}
            className="absolute inset-y-0 left-0 cursor-grab rounded-sm border border-accent bg-accent/15"
            role="slider"
            style={{ transform: `translateX(${left}px)`, width: frameWidth }}
            tabIndex={0}
            title={`${minuteOf(span.fromMs, clock)} – ${minuteOf(span.toMs, clock)}: drag to look elsewhere`}
            onKeyDown={onKeyDown}
          />
        )}
      </div>
      {failure !== null && (
        <span className="max-w-48 truncate text-2xs text-p2" title={failure}>
          the day is not known
        </span>
      )}
    </div>
  );
}
