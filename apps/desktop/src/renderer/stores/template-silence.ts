import type { Console } from './console.ts';
import { TOAST_MS } from './toasts.ts';
import { visibleText } from '../words/visible-text.ts';
import type { TemplateRef } from './view-store.ts';

/** Silences a template until it gets worse, says so, and offers the way back. */
export async function silenceTemplate(
  console: Console,
  { agentId, templateId }: TemplateRef,
  name: string,
): Promise<void> {
  const { toasts } = console.incidents;
  const what = `“${visibleText(name)}”`;
  const answer = await console.bridge.createSilence({
    agentId,
    key: console.newKey(),
    silence: {
      scope: { kind: 'template', template_id: templateId, service: null },
      reason: `Silenced from the console: ${name}`.slice(0, 500),
      ends_at_ms: null,
      until_worse: true,
    },
  });
  if (!answer.ok) {
    toasts.show({
      text: `${what} is not silenced: ${visibleText(answer.error.detail)}`,
      tone: 'bad',
      forMs: null,
      actions: [{ label: 'Try again', run: () => void silenceTemplate(console, { agentId, templateId }, name) }],
    });
    return;
  }
  const { silence_id: silenceId } = answer.value;
  toasts.show({
    text: `Silenced ${what} until it gets worse`,
    tone: 'good',
    forMs: TOAST_MS,
    actions: [{ label: 'Undo', run: () => void endSilence(console, agentId, silenceId, what) }],
  });
}

async function endSilence(console: Console, agentId: string, silenceId: string, what: string): Promise<void> {
  const answer = await console.bridge.endSilence({ agentId, silenceId });
  console.incidents.toasts.show({
    text: answer.ok
      ? `${what} is heard again`
      : `The silence of ${what} still holds: ${visibleText(answer.error.detail)}`,
    tone: answer.ok ? 'good' : 'bad',
    forMs: answer.ok ? TOAST_MS : null,
    actions: [],
  });
}
