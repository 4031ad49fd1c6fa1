import type { Template, TemplateQuery } from '@sentinellog/shared';
import { useEffect, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { ChoiceBar } from '../../components/choice-bar.tsx';
import { Notice } from '../../components/notice.tsx';
import { Panel } from '../../components/panel.tsx';
import { TemplateText } from '../../components/template-text.tsx';
import { FILTER_FIELD_ID } from '../../commands/incident-commands.ts';
import { agentsInScope } from '../../stores/scope.ts';
import { useAgents, useConsole, useView } from '../../stores/use-console.ts';
import { momentOf } from '../../words/clock.ts';
import { briefly, exactly } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import { ViewTitle } from '../shell/view-title.tsx';
import { TemplatePage } from './template-page.tsx';

const LIMIT = 200;
/** A word is asked for once the hand rests. */
const TYPED_MS = 200;

interface Found {
  readonly agentId: string;
  readonly template: Template;
}

/** What messages say, by shape: a list to search, and a page for each. */
export function TemplatesView() {
  const template = useView((view) => view.template);
  return template === null ? (
    <TemplateList />
  ) : (
    <TemplatePage key={`${template.agentId}/${template.templateId}`} target={template} />
  );
}

function TemplateList() {
  const console = useConsole();
  const agents = useAgents();
  const agentIds = useView((view) => view.agentIds);
  const clock = useView((view) => view.preferences.clock);
  // Asking once more is a new question with the same words.
  const [question, setQuestion] = useState<{ readonly order: TemplateQuery['order']; readonly text: string }>({
    order: 'count',
    text: '',
  });
  const { order, text } = question;
  const [found, setFound] = useState<readonly Found[] | null>(null);
  const [total, setTotal] = useState(0);
  const [failure, setFailure] = useState<string | null>(null);
  const scoped = agentsInScope(agents, { agentIds }).map(({ saved }) => saved.agentId);
  const wanted = scoped.join(' ');

  useEffect(() => {
    let isCurrent = true;
    const timer = setTimeout(async () => {
      const { text: words, ...rest } = question;
      const query: TemplateQuery = { ...rest, limit: LIMIT, ...(words === '' ? {} : { text: words }) };
      const ids = wanted.split(' ').filter(Boolean);
      const answers = await Promise.all(ids.map((agentId) => console.bridge.templates({ agentId, query })));
      if (!isCurrent) return;
      const failed = answers.find((answer) => !answer.ok);
      setFailure(failed !== undefined && !failed.ok ? failed.error.detail : null);
      setTotal(answers.reduce((sum, answer) => sum + (answer.ok ? answer.value.total : 0), 0));
      setFound(
        answers.flatMap((answer, i) =>
          answer.ok ? answer.value.templates.map((template) => ({ agentId: ids[i] ?? '', template })) : [],
        ),
      );
    }, TYPED_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [console, question, wanted]);

  return (
    <div className="flex h-full flex-col gap-2 p-3">
      <header className="flex items-center gap-2">
        <ViewTitle className="text-base font-semibold" id="templates-title">
          Patterns
        </ViewTitle>
        <p className="min-w-0 flex-1 truncate text-xs text-text-3" role="status">
          {found === null ? '' : `${exactly(found.length)} of ${exactly(total)} shown`}
        </p>
        <ChoiceBar
          choices={[
            { value: 'count', label: 'Commonest' },
            { value: 'newest', label: 'Newest' },
            { value: 'rarest', label: 'Rarest' },
          ]}
          label="Order"
          value={order}
          onChange={(next) => setQuestion({ text, order: next })}
        />
        <input
          aria-label="Patterns that hold these words"
          className="field h-7 w-56"
          id={FILTER_FIELD_ID}
          maxLength={200}
          placeholder="Words in the pattern"
          spellCheck={false}
          type="search"
          value={text}
          onChange={(event) => setQuestion({ order, text: event.target.value })}
        />
      </header>
      {failure !== null && (
        <Notice
          action={
            <Button size="small" onClick={() => setQuestion({ ...question })}>
              Ask again
            </Button>
          }
          tone="warn"
        >
          Not all patterns could be had: {visibleText(failure)}
        </Notice>
      )}
      <Panel className="min-h-0 flex-1" title="What messages say">
        {found === null ? (
          <p className="late-words p-4 text-sm text-text-3">Loading the patterns …</p>
        ) : found.length === 0 ? (
          <p className="p-4 text-sm text-text-3">
            {text === '' ? 'No pattern is known yet: they come with the first lines.' : 'No pattern holds these words.'}
          </p>
        ) : (
          <ul className="min-h-0 flex-1 overflow-y-auto">
            {found.map(({ agentId, template }) => (
              <li key={`${agentId}/${template.template_id}`}>
                <button
                  className="grid w-full grid-cols-[84px_minmax(0,1fr)_160px_150px] items-center gap-3 border-b border-line-1/60 px-3 py-1.5 text-left text-xs hover:bg-hover focus-visible:-outline-offset-2"
                  type="button"
                  onClick={() => console.patchView({ template: { agentId, templateId: template.template_id } })}
                >
                  <span className="text-right font-semibold text-text-1">{briefly(template.count)}</span>
                  <span className="min-w-0">
                    <span className="block truncate text-text-1">
                      {template.pinned && <span className="mr-1.5 text-accent">pinned</span>}
                      {scoped.length > 1 && (
                        <span className="cluster-code mr-1.5">{console.agent(agentId)?.saved.code ?? ''}</span>
                      )}
                      {template.name === null ? '' : visibleText(template.name)}
                    </span>
                    <span className="block truncate font-mono text-2xs text-text-2">
                      <TemplateText text={template.text} />
                    </span>
                  </span>
                  <span className="truncate text-text-2">
                    {visibleText(template.services[0]?.service ?? '')}
                    {template.services.length > 1 && ` +${template.services.length - 1}`}
                  </span>
                  <span className="text-right text-text-3">
                    since {momentOf(template.first_seen_ms, clock, console.now())}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </div>
  );
}
