import { expect, it } from 'vitest';
import { PRACTICE, practised, type PracticeState } from './practice.ts';

it('goes on with the key that is asked for, and leaves every other key to the console', () => {
  let state: PracticeState = { step: 0, incident: 'OPEN' };
  const seen: string[] = [];
  for (const { key } of PRACTICE) {
    expect(practised(state, 'q')).toBeNull();
    state = practised(state, key) ?? state;
    seen.push(state.incident);
  }
  expect(seen).toEqual(['ACK', 'OPEN', 'ACK', 'RESOLVED']);
  expect(practised(state, 'a')).toBeNull();
});
