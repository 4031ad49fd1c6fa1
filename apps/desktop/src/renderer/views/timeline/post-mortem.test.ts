import { describe, expect, it } from 'vitest';
import { postMortem } from './post-mortem.ts';

const entry = (atMs: number, text: string) => ({
  agentId: 'eu',
  code: 'EU',
  incidentKey: 'INC-20260101010000',
  entry: {
    entry_id: String(atMs),
    incident_id: 'i',
    alert_id: null,
    at_ms: atMs,
    actor: { kind: 'person' as const, name: 'mia', via: 'console' as const },
    kind: 'note' as const,
    text,
    links: [],
  },
});

describe('postMortem', () => {
  it('is a table in UTC, oldest first', () => {
    const lines = postMortem([entry(1_767_229_260_000, 'rolled back'), entry(1_767_229_200_000, 'deploy 4.18')]).split(
      '\n',
    );
    expect(lines.slice(4, 6)).toEqual([
      '| 2026-01-01 01:00:00 | mia | Note | INC-20260101010000@EU: deploy 4.18 |',
      '| 2026-01-01 01:01:00 | mia | Note | INC-20260101010000@EU: rolled back |',
    ]);
  });

  it('lets no text end its cell or its row', () => {
    const [row] = postMortem([entry(1_767_229_200_000, 'a | b\n| c |')])
      .split('\n')
      .slice(4);
    expect(row).toContain('a \\| b\\n\\| c \\|');
  });
});
