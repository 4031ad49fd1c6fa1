import type { Sensitivity } from '@sentinellog/shared';
import { visibleText } from '../words/visible-text.ts';
import type { Console } from './console.ts';
import type { SeriesRef } from './heartbeat-feed.ts';
import { TOAST_MS } from './toasts.ts';

/** Sets when a source fires, says so, and offers the way back. */
export async function setSensitivity(
  console: Console,
  ref: SeriesRef,
  from: Sensitivity,
  to: Sensitivity,
): Promise<void> {
  const { toasts } = console.incidents;
  const name = `${visibleText(console.agent(ref.agentId)?.sources.get(ref.sourceId)?.service ?? ref.sourceId)}@${console.agent(ref.agentId)?.saved.code ?? ''}`;
  const answer = await console.patchSource(ref, { sensitivity: to });
  if (!answer.ok) {
    toasts.show({
      text: `The sensitivity of ${name} is still ${from}: ${visibleText(answer.error.detail)}`,
      tone: 'bad',
      forMs: null,
      actions: [{ label: 'Try again', run: () => void setSensitivity(console, ref, from, to) }],
    });
    return;
  }
  const text = `${name} fires at sensitivity ${to}; it was ${from}`;
  const undo = console.undoOffers.offer(text, () => void setSensitivity(console, ref, to, from));
  toasts.show({ text, tone: 'good', forMs: TOAST_MS, actions: [{ label: 'Undo', keys: 'z', run: undo }] });
}
