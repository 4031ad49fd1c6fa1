import type { RuleImportAnswer } from '@sentinellog/shared';
import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { DialogBox } from '../../components/dialog-box.tsx';
import { Notice } from '../../components/notice.tsx';
import type { AgentView } from '../../stores/agents-state.ts';
import { useConsole } from '../../stores/use-console.ts';
import { usePolicyDesk, whyNot } from '../../stores/use-policy-desk.ts';
import { plural } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';

/** What the agent takes at once. */
const MAX_FILE_BYTES = 1024 * 1024;

interface ImportBoxProps {
  readonly agents: readonly AgentView[];
  readonly onClose: () => void;
}

/** File, drop or paste → what it would change, as the agent says → apply, all or nothing. */
export function ImportBox({ agents, onClose }: ImportBoxProps) {
  const console = useConsole();
  const desk = usePolicyDesk();
  const [agentId, setAgentId] = useState(agents[0]?.saved.agentId ?? '');
  const [text, setText] = useState('');
  const [preview, setPreview] = useState<RuleImportAnswer | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const agent = agents.find(({ saved }) => saved.agentId === agentId);
  const reason = agent === undefined ? 'no cluster is chosen' : whyNot(agent, 'policy.write');
  const set = (next: string) => {
    setText(next);
    setPreview(null);
    setFailure(null);
  };
  const read = async (file: File | undefined) => {
    if (file === undefined) return;
    if (file.size > MAX_FILE_BYTES) setFailure('The file is larger than 1 MB');
    else set(await file.text());
  };
  const ask = async (mode: 'preview' | 'apply') => {
    const answer = await console.bridge.importRules({ agentId, document: text, mode });
    setFailure(answer.ok ? null : answer.error.detail);
    if (!answer.ok) return;
    if (mode === 'preview') {
      setPreview(answer.value);
      return;
    }
    await desk.rules.ask(agentId);
    const { add, change } = answer.value;
    const done = `Imported into ${agent?.saved.code ?? ''}: ${add.length} new, ${change.length} changed`;
    console.patchView({ lastAction: done });
    console.announce(done);
    onClose();
  };
  const changes = preview === null ? 0 : preview.add.length + preview.change.length;
  return (
    <DialogBox className="w-[620px]" label="Import rules" onClose={onClose}>
      <div className="flex flex-col gap-3 p-4 text-sm">
        <h2 className="text-base font-semibold">Import rules</h2>
        <div className="flex items-center gap-2">
          <select
            aria-label="Cluster"
            className="h-7 rounded-md border border-line-2 bg-bg-0 px-2 text-xs"
            value={agentId}
            onChange={(event) => {
              setAgentId(event.target.value);
              setPreview(null);
            }}
          >
            {agents.map(({ saved }) => (
              <option key={saved.agentId} value={saved.agentId}>
                {saved.code} {saved.name}
              </option>
            ))}
          </select>
          <input
            accept=".json,.yaml,.yml"
            aria-label="A file of rules"
            className="text-xs text-text-2 file:mr-2 file:h-7 file:rounded-md file:border file:border-line-2 file:bg-bg-2 file:px-2 file:text-text-1"
            type="file"
            onChange={(event) => void read(event.target.files?.[0])}
          />
        </div>
        <textarea
          aria-label="Rules as JSON or YAML"
          className="field h-40 resize-y py-2 font-mono text-xs leading-5"
          placeholder={'Paste JSON or YAML here, or drop a file:\nschemaVersion: 1\nrules:\n  - name: …'}
          spellCheck={false}
          value={text}
          onChange={(event) => set(event.target.value)}
          onDragOver={(event) => event.preventDefault()}
          onDrop={(event) => {
            const [file] = event.dataTransfer.files;
            if (file === undefined) return;
            event.preventDefault();
            void read(file);
          }}
        />
        {failure !== null && <Notice tone="bad">Nothing was changed: {visibleText(failure)}</Notice>}
        {preview !== null && (
          <div className="flex flex-col gap-1.5 rounded-md border border-line-1 bg-bg-2 p-3 text-xs" role="status">
            <Names mark="+" names={preview.add} tone="text-ok" word="new" />
            <Names mark="~" names={preview.change} tone="text-p2" word="changed" />
            <Names mark="=" names={preview.same} tone="text-text-3" word="the same" />
          </div>
        )}
        <div className="flex items-center gap-2">
          <Button onClick={onClose}>
            Cancel <kbd className="key key-inline">Esc</kbd>
          </Button>
          <Button
            disabledReason={text.trim() === '' ? 'there is nothing to look at' : reason}
            look={preview === null ? 'primary' : 'plain'}
            onClick={() => void ask('preview')}
          >
            Show what would change
          </Button>
          {preview !== null && (
            <Button
              disabledReason={changes === 0 ? 'nothing would change' : reason}
              look="primary"
              onClick={() => void ask('apply')}
            >
              Apply {plural(changes, 'change')}
            </Button>
          )}
        </div>
      </div>
    </DialogBox>
  );
}

interface NamesProps {
  readonly mark: string;
  readonly word: string;
  readonly tone: string;
  readonly names: readonly string[];
}

function Names({ mark, word, tone, names }: NamesProps) {
  return (
    <div className="flex gap-2">
      <span className={`w-20 shrink-0 ${tone}`}>
        {mark} {names.length} {word}
      </span>
      <span className="min-w-0 text-text-2">{names.length === 0 ? '—' : names.map(visibleText).join(', ')}</span>
    </div>
  );
}
