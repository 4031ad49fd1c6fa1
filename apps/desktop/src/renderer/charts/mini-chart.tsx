import { useEffect, useRef, useState } from 'react';
import { readChartTheme } from './chart-theme.ts';
import { useFrameLoop } from './frame-loop-context.ts';
import { MiniPlot } from './mini-plot.ts';
import type { PlotSource } from './plot-source.ts';
import { useBoxSize } from './use-box-size.ts';

interface MiniChartProps {
  readonly source: PlotSource;
  /** Called at the pace of the small charts, for figures beside the line. */
  readonly onDraw?: () => void;
}

export function MiniChart({ source, onDraw }: MiniChartProps) {
  const frames = useFrameLoop();
  const host = useRef<HTMLDivElement>(null);
  const [plot, setPlot] = useState<MiniPlot | null>(null);
  const { width, height } = useBoxSize(host);
  const latest = useRef(onDraw);
  useEffect(() => {
    latest.current = onDraw;
  });

  useEffect(() => {
    const box = host.current;
    if (box === null) return undefined;
    const made = new MiniPlot(box, source, readChartTheme(document.documentElement));
    setPlot(made);
    const draw = () => {
      made.draw();
      latest.current?.();
    };
    // Hidden tiles cost nothing: an observer takes them out of the loop.
    let stop: (() => void) | null = null;
    const observer = new IntersectionObserver(([entry]) => {
      stop?.();
      stop = entry?.isIntersecting === true ? frames.add('mini', draw) : null;
      if (stop !== null) draw();
    });
    observer.observe(box);
    return () => {
      observer.disconnect();
      stop?.();
      setPlot(null);
      made.destroy();
    };
  }, [source, frames]);

  useEffect(() => plot?.resize(width, height), [plot, width, height]);

  return <div aria-hidden="true" className="min-h-0 flex-1" ref={host} />;
}
