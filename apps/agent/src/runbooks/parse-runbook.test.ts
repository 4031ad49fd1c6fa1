import { describe, expect, it } from 'vitest';
import { parseRunbook } from './parse-runbook.ts';
import { shippedRunbooks } from './shipped-runbooks.ts';

const POOL = `---
title: Pool exhausted
incident_date: 2025-03-14
services_affected: [payment-service]
tags: [pool]
---

## Root cause

A slow query held
its connections.

Second paragraph.

## Steps

1. Find the statement
   that holds the others.
2. End it.
`;

describe('parseRunbook', () => {
  it('reads front matter, root cause and numbered steps', () => {
    expect(parseRunbook(POOL)).toEqual({
      title: 'Pool exhausted',
      incident_date: '2025-03-14',
      services_affected: ['payment-service'],
      tags: ['pool'],
      root_cause: 'A slow query held its connections.\n\nSecond paragraph.',
      resolution_steps: ['Find the statement that holds the others.', 'End it.'],
    });
  });

  it('takes Windows line ends and a list with dashes under "Resolution"', () => {
    const windows = POOL.replace('## Steps', '## Resolution').replaceAll(/^\d\./gm, '-').replaceAll('\n', '\r\n');
    expect(parseRunbook(windows).resolution_steps).toHaveLength(2);
  });

  it.each([
    ['no front matter', '## Root cause\n\nx', 'must start with front matter'],
    ['front matter that is not YAML', POOL.replace('tags: [pool]', 'tags: [pool'), 'is not YAML'],
    ['no root cause', POOL.replace('## Root cause', '## Cause'), '"## Root cause" is missing'],
    ['no steps', POOL.replace('## Steps', '## Notes'), '"## Steps" is missing'],
    ['no title', POOL.replace('title:', 'heading:'), 'title'],
    ['a list of aliases that would explode', POOL.replace('[pool]', '&a [x]\nother: *a'), 'not YAML'],
  ])('says what is wrong: %s', (_name, text, words) => {
    expect(() => parseRunbook(text)).toThrow(words);
  });
});

describe('shippedRunbooks', () => {
  it('are five, and each can be read', () => {
    const shipped = shippedRunbooks();
    expect(shipped.map(({ name }) => name)).toEqual([
      'connection-pool-exhausted',
      'error-burst-after-deploy',
      'login-failures',
      'service-went-quiet',
      'upstream-slow',
    ]);
    for (const { body } of shipped) expect(body.resolution_steps.length).toBeGreaterThanOrEqual(5);
  });
});
