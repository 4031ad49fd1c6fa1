import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { Rule } from '@sentinellog/shared';
import { AnswerNotice } from '../../components/answer-notice.tsx';
import { Button } from '../../components/button.tsx';
import { copyText } from '../../components/copy-text.ts';
import { EmptyWords } from '../../components/empty-words.tsx';
import { SeverityBadge } from '../../components/severity-badge.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import type { AgentView } from '../../stores/agents-state.ts';
import { placeKey } from '../../stores/policy-desk.ts';
import { useConsole, useDesk, useProtectedCode, useView } from '../../stores/use-console.ts';
import { useAnswers, usePolicyDesk, whyNot } from '../../stores/use-policy-desk.ts';
import { secondOf } from '../../words/clock.ts';
import { ago } from '../../words/duration.ts';
import { plural } from '../../words/quantity.ts';
import { conditionWords, scopeWords } from '../../words/rule-words.ts';
import { visibleText } from '../../words/visible-text.ts';
import { CommandButton } from '../shell/command-button.tsx';
import { ConfirmBox } from './confirm-box.tsx';
import { ruleDocument } from './rule-document.ts';

// The editor brings the schemas; the table does not wait for them.
const RuleEditor = lazy(async () => ({ default: (await import('./rule-editor.tsx')).RuleEditor }));
const ImportBox = lazy(async () => ({ default: (await import('./import-box.tsx')).ImportBox }));

const EVERY_MS = 15_000;

export interface RuleRow {
  readonly key: string;
  readonly agentId: string;
  readonly agent: AgentView;
  readonly rule: Rule;
}

type Asked =
  | { readonly type: 'remove' | 'switchOff'; readonly row: RuleRow; readonly open: number }
  | { readonly type: 'import' };

/** The rules of all agents in scope beside the one that is being written. */
export function RulesDesk() {
  const console = useConsole();
  const desk = usePolicyDesk();
  const answers = useAnswers(desk.rules, EVERY_MS);
  const clock = useView((view) => view.preferences.clock);
  const place = useStore(desk.places, (places) => places.rule);
  const [editing, setEditing] = useState<'rule' | 'new' | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const protectedCode = useProtectedCode(asked === null || asked.type === 'import' ? undefined : asked.row.agentId);
  const list = useRef<HTMLDivElement>(null);
  const editorKeys = useRef<{ readonly dryRun: () => void; readonly save: () => void } | null>(null);
  const desks = useDesk((state) => state.agents);
  const rows: readonly RuleRow[] = answers.flatMap(({ agentId, agent, value }) =>
    (value ?? []).map((rule) => ({ key: placeKey(agentId, rule.rule_id), agentId, agent, rule })),
  );
  const at = Math.max(
    0,
    rows.findIndex(({ key }) => key === place),
  );
  const row = rows[at];
  const [first] = answers;
  const openOf = ({ agentId, rule }: RuleRow): number =>
    [...(desks.get(agentId)?.values() ?? [])].filter(
      ({ incident }) =>
        incident.state !== 'RESOLVED' && incident.alerts.some(({ signal }) => signal === `rule:${rule.rule_id}`),
    ).length;

  const move = (step: number) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
    if (next === undefined) return;
    desk.places.setState({ rule: next.key });
    document.getElementById(rowId(next))?.scrollIntoView({ block: 'nearest' });
    list.current?.focus();
  };
  const toggle = (target: RuleRow) => {
    const reason = whyNot(target.agent, 'policy.write');
    const open = openOf(target);
    if (reason !== null) console.announce(`Not switched: ${reason}`);
    else if (target.rule.enabled && open > 0) setAsked({ type: 'switchOff', row: target, open });
    else void desk.switchRule(target.agentId, target.rule, !target.rule.enabled);
  };
  const remove = () => {
    if (row === undefined) return;
    const reason = whyNot(row.agent, 'policy.write');
    if (reason === null) setAsked({ type: 'remove', row, open: openOf(row) });
    else console.announce(`Not removed: ${reason}`);
  };
  const copyAll = () => {
    const text = ruleDocument(rows.map(({ rule }) => rule));
    console.announce(copyText(text) ? `Copied ${plural(rows.length, 'rule')}` : 'The clipboard could not be written');
  };
  // With every render: what a key does depends on what is chosen and on what is being written.
  useEffect(() =>
    console.attachKeys({
      'rules.next': () => move(1),
      'rules.previous': () => move(-1),
      'rules.toggle': () => {
        if (row !== undefined) toggle(row);
      },
      'rules.edit': () => {
        if (row !== undefined) setEditing('rule');
      },
      'rules.new': () => setEditing('new'),
      'rules.import': () => setAsked({ type: 'import' }),
      'rules.export': copyAll,
      'rules.dryRun': () => editorKeys.current?.dryRun(),
      'rules.save': () => editorKeys.current?.save(),
      'rules.remove': remove,
      ...(editing === null
        ? {}
        : {
            escape: () => {
              setEditing(null);
              list.current?.focus();
            },
          }),
    }),
  );

  const isAsking = answers.some(({ value, error }) => value === null && error === null);
  return (
    <div className="flex min-h-0 flex-1">
      <div
        className={`flex w-[520px] shrink-0 flex-col border-r border-line-1 @max-[1223px]:w-full @max-[1223px]:border-0 ${editing === null ? 'flex-1' : '@max-[1223px]:hidden'}`}
      >
        <div className="flex flex-wrap items-center gap-1.5 border-b border-line-1 px-3 py-1.5">
          <CommandButton id="rules.new" label="New" />
          <CommandButton id="rules.import" label="Import" />
          <CommandButton id="rules.export" label="Copy all" />
          <DownloadLink rows={rows} />
          <span className="flex-1" />
          <span className="text-xs text-text-3">
            {rows.filter(({ rule }) => rule.enabled).length} on · {rows.filter(({ rule }) => !rule.enabled).length} off
          </span>
        </div>
        {answers
          .filter(({ error }) => error !== null)
          .map(({ agentId, agent, error, asOfMs }) => (
            <div className="p-2" key={agentId}>
              <AnswerNotice
                code={error?.code ?? ''}
                detail={visibleText(error?.detail ?? '')}
                from={agent.saved.name}
                shownAsOf={asOfMs === null ? null : secondOf(asOfMs, clock)}
                what="The rules"
                onRetry={() => void desk.rules.ask(agentId)}
              />
            </div>
          ))}
        {rows.length === 0 && isAsking ? (
          <SkeletonRows count={6} label="Asking for the rules …" />
        ) : rows.length === 0 ? (
          answers.every(({ error }) => error === null) && (
            <EmptyWords title="No rules yet">
              <span className="flex justify-center gap-2 pt-1">
                <Button size="small" onClick={() => setAsked({ type: 'import' })}>
                  Import a set
                </Button>
                <Button size="small" onClick={() => setEditing('new')}>
                  Create one
                </Button>
              </span>
            </EmptyWords>
          )
        ) : (
          <div
            aria-activedescendant={row === undefined ? undefined : rowId(row)}
            aria-label="Rules"
            className="min-h-0 flex-1 overflow-y-auto outline-none"
            id="rules-list"
            ref={list}
            role="grid"
            tabIndex={0}
          >
            {rows.map((one) => (
              <RuleLine
                chosen={one.key === row?.key}
                key={one.key}
                nowMs={console.now()}
                open={openOf(one)}
                row={one}
                showCluster={answers.length > 1}
                onChoose={() => {
                  desk.places.setState({ rule: one.key });
                  list.current?.focus();
                }}
                onEdit={() => {
                  desk.places.setState({ rule: one.key });
                  setEditing('rule');
                }}
                onToggle={() => toggle(one)}
              />
            ))}
          </div>
        )}
      </div>
      {editing !== null && first !== undefined && (
        <Suspense fallback={<SkeletonRows count={8} label="Loading the editor …" />}>
          <RuleEditor
            agents={answers.map(({ agent }) => agent)}
            attach={(attached) => {
              editorKeys.current = attached;
            }}
            key={editing === 'new' ? 'new' : row?.key}
            row={editing === 'new' ? null : (row ?? null)}
            onClose={() => setEditing(null)}
            onSaved={(agentId, rule) => {
              desk.places.setState({ rule: placeKey(agentId, rule.rule_id) });
              setEditing('rule');
            }}
          />
        </Suspense>
      )}
      {asked?.type === 'import' && (
        <Suspense>
          <ImportBox agents={answers.map(({ agent }) => agent)} onClose={() => setAsked(null)} />
        </Suspense>
      )}
      {asked !== null && asked.type !== 'import' && (
        <ConfirmBox
          code={protectedCode}
          label={asked.type === 'remove' ? 'Remove' : 'Switch off'}
          onClose={() => setAsked(null)}
          onConfirm={() => {
            const { agentId, rule } = asked.row;
            setAsked(null);
            if (asked.type === 'remove') void desk.removeRule(agentId, rule);
            else void desk.switchRule(agentId, rule, false);
          }}
        >
          <p>
            {asked.type === 'remove' ? 'Remove' : 'Switch off'} <strong>{visibleText(asked.row.rule.name)}</strong> in{' '}
            <span className="cluster-code">{asked.row.agent.saved.code}</span>?
          </p>
          {asked.open > 0 && <p className="text-p2">It has {plural(asked.open, 'open incident')}; they stay open.</p>}
          {asked.type === 'remove' && <p className="text-text-2">Copy it first if you may want it back.</p>}
        </ConfirmBox>
      )}
    </div>
  );
}

function rowId({ key }: RuleRow): string {
  return `rule-${key.replaceAll(' ', '-')}`;
}

interface RuleLineProps {
  readonly row: RuleRow;
  readonly chosen: boolean;
  readonly showCluster: boolean;
  readonly open: number;
  readonly nowMs: number;
  readonly onChoose: () => void;
  readonly onEdit: () => void;
  readonly onToggle: () => void;
}

function RuleLine({ row, chosen, showCluster, open, nowMs, onChoose, onEdit, onToggle }: RuleLineProps) {
  const { rule, agent } = row;
  return (
    <div
      aria-selected={chosen}
      className="rule-line"
      data-chosen={chosen || undefined}
      id={rowId(row)}
      role="row"
      onClick={onChoose}
      onDoubleClick={onEdit}
    >
      <span role="gridcell">
        <button
          aria-checked={rule.enabled}
          aria-label={`${visibleText(rule.name)} is ${rule.enabled ? 'on' : 'off'}`}
          className="switch"
          role="switch"
          tabIndex={-1}
          title={whyNot(agent, 'policy.write') ?? (rule.enabled ? 'Switch off (Space)' : 'Switch on (Space)')}
          type="button"
          onClick={(event) => {
            event.stopPropagation();
            onChoose();
            onToggle();
          }}
        />
      </span>
      <span role="gridcell">
        <SeverityBadge calm={!rule.enabled} severity={rule.severity} />
      </span>
      <span className="min-w-0" role="gridcell">
        <span className="block truncate text-sm">{visibleText(rule.name)}</span>
        <span className="block truncate text-xs text-text-3">
          {scopeWords(rule)} · {conditionWords(rule)}
        </span>
      </span>
      <span className="text-right text-xs text-text-3" role="gridcell">
        {open > 0 && <span className="block text-p2">{open} open</span>}
        <span className="block whitespace-nowrap" title={`by ${visibleText(rule.updated_by)}`}>
          {ago(nowMs - rule.updated_at_ms)}
          {showCluster && ` · ${agent.saved.code}`}
        </span>
      </span>
    </div>
  );
}

/** The same document as a file. */
function DownloadLink({ rows }: { readonly rows: readonly RuleRow[] }) {
  const save = () => {
    const url = URL.createObjectURL(
      new Blob([ruleDocument(rows.map(({ rule }) => rule))], { type: 'application/json' }),
    );
    const link = document.createElement('a');
    link.href = url;
    link.download = 'sentinellog-rules.json';
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <Button disabledReason={rows.length === 0 ? 'there is no rule' : null} size="small" onClick={save}>
      Download
    </Button>
  );
}
