import { describe, expect, it } from 'vitest';
import type { Answer } from '../../bridge/calls.ts';
import { AgentQuestion } from './agent-question.ts';

const DOWN: Answer<never> = { ok: false, error: { code: 'timeout', detail: 'no answer', retryable: true } };

function asked(...answers: readonly (Answer<string> | Promise<Answer<string>>)[]) {
  let nowMs = 1000;
  const left = [...answers];
  const question = new AgentQuestion<string>(
    async () => left.shift() ?? DOWN,
    () => (nowMs += 1000),
  );
  return { question, of: () => question.answers.getState().get('eu') };
}

describe('a question to an agent', () => {
  it('keeps the older answer, and its age, under a later error', async () => {
    const { question, of } = asked({ ok: true, value: 'five rules' }, DOWN);
    await question.ask('eu');
    await question.ask('eu');
    expect(of()).toEqual({ value: 'five rules', asOfMs: 2000, error: expect.objectContaining({ code: 'timeout' }) });
  });

  it('lets go of an answer that a newer one has overtaken', async () => {
    const { promise: first, resolve: late } = Promise.withResolvers<Answer<string>>();
    const { question, of } = asked(first, { ok: true, value: 'new' });
    const slow = question.ask('eu');
    await question.ask('eu');
    late({ ok: true, value: 'old' });
    await slow;
    expect(of()?.value).toBe('new');
  });

  it('shows a change at once, and no answer from before it', async () => {
    const { promise: second, resolve: late } = Promise.withResolvers<Answer<string>>();
    const { question, of } = asked({ ok: true, value: 'off' }, second);
    await question.ask('eu');
    const slow = question.ask('eu');
    question.change('eu', () => 'on');
    late({ ok: true, value: 'off' });
    await slow;
    expect(of()?.value).toBe('on');
  });
});
