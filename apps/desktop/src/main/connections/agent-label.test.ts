import { describe, expect, it } from 'vitest';
import { agentLabel } from './agent-label.ts';

describe('how an agent is called on the screen', () => {
  it('is how it calls itself', () => {
    expect(agentLabel({ name: 'Europe West', code: 'EUW' }, 'host')).toEqual({ name: 'Europe West', code: 'EUW' });
  });

  it('loses what could disturb the text beside it', () => {
    const said = { name: '\u202Egnp.exe\u202C\n\u0000 eu\u200B ', code: '\u2066A\u2069\u001B[31m' };
    expect(agentLabel(said, 'host')).toEqual({ name: 'gnp.exe eu', code: 'A [31m' });
  });

  it('is bounded', () => {
    const { name, code } = agentLabel({ name: 'e'.repeat(1_000_000), code: 'EUROPE-WEST' }, 'host');
    expect([name.length, code]).toEqual([60, 'EUROPE']);
  });

  it('falls back to its host, and to the first letters for the code', () => {
    expect(agentLabel({ name: '', code: '' }, 'eu.example.com:8400')).toEqual({
      name: 'eu.example.com:8400',
      code: 'EU',
    });
  });
});
