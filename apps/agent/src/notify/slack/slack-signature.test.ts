import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SlackSignatures } from './slack-signature.ts';

const NOW = 1_767_229_200;
const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';

function signed(body: string, timestamp = String(NOW), secret = SECRET) {
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
  return { signature, timestamp };
}
const check = (
  headers: { signature: string | undefined; timestamp: string | undefined },
  body = 'payload=x',
  at = NOW,
) => new SlackSignatures(() => at * 1000).check(headers, Buffer.from(body), ['other secret', SECRET]);

describe('signatures of Slack', () => {
  it('fit the example of the documentation', () => {
    const body =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar' +
      '&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=' +
      '&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN' +
      '&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
    const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';
    expect(check({ signature, timestamp: '1531420618' }, body, 1_531_420_618)).toBe('ok');
  });

  it.each([
    ['no signature', { signature: undefined, timestamp: String(NOW) }, 'missing'],
    ['no time', { ...signed('payload=x'), timestamp: undefined }, 'missing'],
    ['a time that is no number', { ...signed('payload=x'), timestamp: 'NaN' }, 'missing'],
    ['a time with a sign', { ...signed('payload=x'), timestamp: `-${NOW}` }, 'missing'],
    ['another body', signed('payload=y'), 'wrong'],
    ['another secret', signed('payload=x', String(NOW), 'guess'), 'wrong'],
    ['an old time', signed('payload=x', String(NOW - 301)), 'stale'],
    ['a future time', signed('payload=x', String(NOW + 301)), 'stale'],
    ['a short signature', { signature: 'v0=ab', timestamp: String(NOW) }, 'wrong'],
    ['the signature of another version', { signature: `v1=${'0'.repeat(64)}`, timestamp: String(NOW) }, 'wrong'],
  ] as const)('are refused with %s', (_, headers, verdict) => expect(check(headers)).toBe(verdict));

  it.each([-300, 300])('are good %i s from now', (off) => {
    expect(check(signed('payload=x', String(NOW + off)))).toBe('ok');
  });

  it('are good once', () => {
    let nowMs = NOW * 1000;
    const signatures = new SlackSignatures(() => nowMs);
    const body = Buffer.from('payload=x');
    expect(signatures.check(signed('payload=x'), body, [SECRET])).toBe('ok');
    nowMs += 299_000;
    expect(signatures.check(signed('payload=x'), body, [SECRET])).toBe('replayed');
  });
});
