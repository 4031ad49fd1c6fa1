import { LEVELS, type TemplateDetail, type TemplatePatch } from '@sentinellog/shared';
import { useEffect, useRef, useState } from 'react';
import { useBoxSize } from '../../charts/use-box-size.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { LogText } from '../../components/log-text.tsx';
import { Notice } from '../../components/notice.tsx';
import { Panel } from '../../components/panel.tsx';
import { TemplateText } from '../../components/template-text.tsx';
import { silenceTemplate } from '../../stores/template-silence.ts';
import { useConsole, useView } from '../../stores/use-console.ts';
import type { TemplateRef } from '../../stores/view-store.ts';
import { minuteOf, momentOf } from '../../words/clock.ts';
import { LEVEL_COLOURS } from '../../words/level-colours.ts';
import { exactly, percent } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import { ViewTitle } from '../shell/view-title.tsx';

const DAY_MS = 86_400_000;
const STEP_SECONDS = 600;
const HISTORY_HEIGHT = 120;

/** One template: how often it came, what it looked like, where, and what can be done about it. */
export function TemplatePage({ target }: { readonly target: TemplateRef }) {
  const console = useConsole();
  // Asking once more is a new question with the same words.
  const [asked, setAsked] = useState(target);
  const { agentId, templateId } = asked;
  const clock = useView((view) => view.preferences.clock);
  const scopes = console.agent(agentId)?.saved.connection;
  const [detail, setDetail] = useState<TemplateDetail | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    let isCurrent = true;
    const toMs = console.now();
    const ask = async () => {
      const range = { fromMs: toMs - DAY_MS, toMs, stepSeconds: STEP_SECONDS };
      const answer = await console.bridge.template({ ...asked, ...range });
      if (!isCurrent) return;
      setFailure(answer.ok ? null : answer.error.detail);
      if (answer.ok) setDetail(answer.value);
    };
    void ask();
    return () => {
      isCurrent = false;
    };
  }, [console, asked]);

  const mayName = scopes?.type === 'open' && scopes.scopes.includes('policy.write') ? null : 'needs policy.write';
  const maySilence = scopes?.type === 'open' && scopes.scopes.includes('alert.write') ? null : 'needs alert.write';
  const patch = async (change: TemplatePatch, what: string) => {
    const answer = await console.bridge.patchTemplate({ agentId, templateId, patch: change });
    if (answer.ok) setDetail((before) => (before === null ? null : { ...before, ...answer.value }));
    console.announce(answer.ok ? what : `Not changed: ${visibleText(answer.error.detail)}`);
    if (!answer.ok) setFailure(answer.error.detail);
  };
  const back = () => console.patchView({ template: null });

  return (
    <div className="flex h-full flex-col gap-2 overflow-y-auto p-3">
      <header className="flex flex-wrap items-center gap-2">
        <Button look="quiet" size="small" onClick={back}>
          All patterns <kbd className="key">Esc</kbd>
        </Button>
        <ViewTitle className="min-w-0 flex-1 truncate text-base font-semibold" id="template-title">
          {detail === null ? 'Pattern' : visibleText(detail.name ?? 'Pattern without a name')}
        </ViewTitle>
        {detail !== null && (
          <>
            <Button
              aria-pressed={detail.pinned}
              disabledReason={mayName}
              size="small"
              onClick={() => void patch({ pinned: !detail.pinned }, detail.pinned ? 'Not pinned any more' : 'Pinned')}
            >
              {detail.pinned ? 'Unpin' : 'Pin'}
            </Button>
            <Button
              size="small"
              onClick={() => {
                const name = detail.name ?? detail.text;
                console.patchView({ feedFilter: { text: '', levels: [], template: { templateId, name } } });
                console.go('feed');
              }}
            >
              Live lines
            </Button>
            <Button
              disabledReason={maySilence}
              size="small"
              onClick={() => void silenceTemplate(console, target, detail.name ?? detail.text)}
            >
              Silence until worse
            </Button>
          </>
        )}
      </header>
      {failure !== null && (
        <Notice
          action={
            <Button size="small" onClick={() => setAsked({ ...asked })}>
              Ask again
            </Button>
          }
          tone="warn"
        >
          {visibleText(failure)}
        </Notice>
      )}
      {detail === null ? (
        failure === null && <p className="late-words p-4 text-sm text-text-3">Loading the pattern …</p>
      ) : (
        <>
          <section className="rounded-lg border border-line-1 bg-bg-1 p-3">
            <p className="font-mono text-sm leading-6 break-words text-text-1">
              <TemplateText text={detail.text} />
            </p>
            <p className="mt-2 text-xs text-text-3">
              {exactly(detail.count)} lines · first {momentOf(detail.first_seen_ms, clock, console.now())} · last{' '}
              {momentOf(detail.last_seen_ms, clock, console.now())} ·{' '}
              {LEVELS.filter((level) => (detail.levels[level] ?? 0) > 0).map((level) => (
                <span className={`mr-2 ${LEVEL_COLOURS[level]}`} key={level}>
                  {level} {percent((detail.levels[level] ?? 0) / Math.max(1, detail.count))}
                </span>
              ))}
            </p>
            <NameForm disabledReason={mayName} name={detail.name} onName={(name) => void patch({ name }, 'Named')} />
          </section>
          <Panel className="shrink-0" fact="last 24 hours, lines in 10 minutes" title="How often">
            <History columns={detail.columns} />
          </Panel>
          <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,1fr)] gap-2 @max-[860px]:grid-cols-1">
            <Panel title="Examples" tools={<CopyButton label="Copy" text={detail.examples.join('\n')} />}>
              <ul className="flex flex-col gap-1 p-3 font-mono text-xs leading-5">
                {detail.examples.map((example) => (
                  <li className="rounded-md bg-bg-0 px-2.5 py-1 break-words text-text-1" key={example}>
                    <LogText text={example} />
                  </li>
                ))}
              </ul>
            </Panel>
            <Panel title="Where it was seen">
              <ul className="p-3 text-xs">
                {detail.services.map(({ source_id, service, count }) => (
                  <li className="flex items-center justify-between gap-3 py-0.5" key={source_id}>
                    <button
                      className="truncate text-left text-text-1 underline decoration-dotted underline-offset-2"
                      type="button"
                      onClick={() => {
                        console.isolate({ agentId, sourceId: source_id });
                        console.go('heartbeat');
                      }}
                    >
                      {visibleText(service)}
                    </button>
                    <span className="text-text-2">{exactly(count)}</span>
                  </li>
                ))}
              </ul>
            </Panel>
          </div>
        </>
      )}
    </div>
  );
}

interface NameFormProps {
  readonly name: string | null;
  readonly disabledReason: string | null;
  readonly onName: (name: string | null) => void;
}

/** What people call it; empty takes the name back. */
function NameForm({ name, disabledReason, onName }: NameFormProps) {
  const [typed, setTyped] = useState(name ?? '');
  const wanted = typed.trim();
  return (
    <form
      className="mt-3 flex items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (disabledReason === null) onName(wanted === '' ? null : wanted);
      }}
    >
      <label className="text-xs text-text-3" htmlFor="template-name">
        Name
      </label>
      <input
        className="field h-7 max-w-80"
        id="template-name"
        maxLength={200}
        placeholder="What your team calls it"
        readOnly={disabledReason !== null}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <Button
        disabledReason={disabledReason ?? (wanted === (name ?? '') ? 'this is its name' : null)}
        size="small"
        type="submit"
      >
        Save
      </Button>
    </form>
  );
}

/** A bar a step; what it shows is said in words below. */
function History({ columns: [t, counts] }: Pick<TemplateDetail, 'columns'>) {
  const clock = useView((view) => view.preferences.clock);
  const host = useRef<HTMLDivElement>(null);
  const { width } = useBoxSize(host);
  const most = Math.max(1, ...counts);
  const peak = counts.indexOf(Math.max(0, ...counts));
  const bar = width / Math.max(1, counts.length);
  return (
    <div className="p-3">
      <div ref={host} style={{ height: HISTORY_HEIGHT }}>
        <svg aria-hidden="true" height={HISTORY_HEIGHT} width={width}>
          {counts.map((count, i) => {
            const height = (count / most) * (HISTORY_HEIGHT - 4);
            return (
              <rect
                fill="var(--color-chart-line)"
                height={height}
                key={t[i]}
                width={Math.max(1, bar - 1)}
                x={i * bar}
                y={HISTORY_HEIGHT - height}
              />
            );
          })}
        </svg>
      </div>
      <p className="mt-1 text-2xs text-text-3">
        {minuteOf((t[0] ?? 0) * 1000, clock)} to {minuteOf((t.at(-1) ?? 0) * 1000, clock)}, most at{' '}
        {minuteOf((t[peak] ?? 0) * 1000, clock)}: {exactly(counts[peak] ?? 0)}
      </p>
    </div>
  );
}
