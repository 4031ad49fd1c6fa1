import { describe, expect, it } from 'vitest';
import { bytesOf, SeededRandom } from '../testing/index.ts';
import { type MinerState, TemplateMiner } from './template-miner.ts';

const push = (miner: TemplateMiner, line: string) => {
  const bytes = bytesOf(line);
  return miner.push(bytes, 0, bytes.length);
};
const templateOf = (line: string) => {
  const miner = new TemplateMiner();
  return miner.view(push(miner, line))?.text;
};
const USERS = ['root', 'admin', 'guest', 'oracle', 'backup', 'nobody', 'daemon', 'games'];

const random = new SeededRandom(7);
const randomWord = () =>
  Array.from({ length: 4 + Math.floor(random.uniform() * 6) }, () =>
    String.fromCharCode(97 + Math.floor(random.uniform() * 26)),
  ).join('');

describe('a template', () => {
  it.each([
    ['numbers with their units', 'Sent 1396 bytes (1.36 KB) in 12 ms', 'Sent <*> in <*>'],
    ['addresses', 'Connection from fe80::1:22 and 10.0.0.7:443 closed', 'Connection from <*> and <*> closed'],
    [
      'hosts without digits',
      'Lookup of mail.example.org through gateway:443 failed',
      'Lookup of <*> through <*> failed',
    ],
    ['paths', 'Cannot open /etc/shop/shop.conf for reading', 'Cannot open <*> for reading'],
    ['queries', 'GET /v1/items?from=3&to=9&sort=name took 3 ms', 'GET <*> took <*>'],
    ['values behind =', 'login user=root tty= ok=true done', 'login user=<*> tty=<*> ok=<*> done'],
    ['quoted values behind =', 'open name="a b c" failed', 'open name=<*> failed'],
    ['values in JSON', 'got {"user":"ann","items":[1,2,3]}', 'got {"user":<*>,"items":[<*>]}'],
    ['yes and no', 'setVisible(true)', 'setVisible(<*>)'],
    ['ids', 'Block deadbeefcafe of 4f1c9e2a-11aa-42bd-9c0d-0123456789ab', 'Block <*> of <*>'],
    ['a stack trace by its first line', 'Job failed\n  at shop.Cart.add(Cart.java:81)', 'Job failed'],
  ])('leaves out %s', (_what, line, template) => {
    expect(templateOf(line)).toBe(template);
  });

  it.each([
    'time=2026-03-02T08:00:01Z level=info msg="cache warmed up" user=ann',
    '{"time":"2026-03-02T08:00:01Z","level":"info","message":"cache warmed up","user":"ann"}',
  ])('keeps the message of a structured line: %s', (line) => {
    expect(templateOf(line)).toContain('cache warmed up');
  });

  it('keeps the class of an exception', () => {
    expect(templateOf('Caused by java.io.EOFException while reading')).toBe(
      'Caused by java.io.EOFException while reading',
    );
  });

  it('keeps text that is not ASCII, and survives bytes that are no text', () => {
    expect(templateOf('Größe überschritten: 12 MB')).toBe('Größe überschritten: <*>');
    const miner = new TemplateMiner();
    const line = Uint8Array.of(0x61, 0xff, 0xfe, 0x20, 0x62);
    expect(miner.view(miner.push(line, 0, line.length))?.text).toBe('a\ufffd\ufffd b');
  });

  it('tells opened from closed', () => {
    const miner = new TemplateMiner();
    const ids = ['opened', 'closed'].map((word) => push(miner, `The session was ${word} again`));
    expect(new Set(ids.map((id) => miner.resolve(id))).size).toBe(2);
  });

  it('takes words for values once there are many at one place, and announces what became one', () => {
    const merges: [number, number][] = [];
    const miner = new TemplateMiner((from, to) => merges.push([from.id, to.id]));
    const ids = USERS.map((user) => push(miner, `Session opened for user ${user} by console`));
    expect(new Set(ids.map((id) => miner.resolve(id))).size).toBe(1);
    expect(miner.view(ids[0])).toMatchObject({ text: 'Session opened for user <*> by console', hits: USERS.length });
    const into = new Map(merges);
    expect(new Set(ids.map((id) => into.get(id) ?? id))).toEqual(new Set([miner.resolve(ids[0])]));
    expect(push(miner, 'Session opened for user neverseen by console')).toBe(miner.resolve(ids[0]));
  });
});

const mined = (lines: readonly string[]) => {
  const miner = new TemplateMiner();
  for (const line of lines) push(miner, line);
  return miner;
};
const throughJson = (miner: TemplateMiner) => JSON.parse(JSON.stringify(miner.snapshot())) as MinerState;
const summary = (state: MinerState, other: MinerState) => {
  const miner = TemplateMiner.restore(state);
  miner.merge(other);
  const views = miner.snapshot().templates.map(({ id }) => miner.view(id)!);
  return views.map(({ key, text, hits }) => `${key} ${text} ${hits}`).toSorted();
};

describe('the state of a miner', () => {
  const lines = [...USERS.map((user) => `Session opened for user ${user} by console`), 'Disk is full', 'Took 3 ms'];

  it('gives the same ids after a restart', () => {
    const before = mined(lines);
    const after = TemplateMiner.restore(throughJson(before));
    const more = [...lines, 'Never seen before', 'Session opened for user other by console'];
    expect(more.map((line) => push(after, line))).toEqual(more.map((line) => push(before, line)));
    expect(after.snapshot()).toEqual(before.snapshot());
  });

  it('merges with another in either order to the same templates, and says what the ids have become', () => {
    const [left, right] = [lines, ['Took 4 ms', 'Fan stopped', 'Session opened for user zoe by console']].map(mined);
    const [a, b] = [throughJson(left), throughJson(right)];
    expect(summary(a, b)).toEqual(summary(b, a));
    expect(summary(a, b)).toHaveLength(4);
    const ids = left.merge(b);
    expect([...ids.values()].map((id) => left.view(id)?.text)).toEqual(
      b.templates.map(({ id }) => (id === 2 ? 'Session opened for user <*> by console' : right.view(id)?.text)),
    );
  });

  it('of another version is refused', () => {
    expect(() => TemplateMiner.restore({ ...mined(lines).snapshot(), version: 99 })).toThrow(/version 99/);
  });
});

describe('under churn a miner', () => {
  it('stays bounded on random text and keeps the templates that matter, with their ids', () => {
    const miner = new TemplateMiner();
    const real = ['Disk is full', 'Payment accepted by bank', 'Cache warmed up after restart'];
    const ids = real.map((line) => push(miner, line));
    for (let i = 0; i < 16_000; i++) {
      push(miner, Array.from({ length: 1 + (i % 12) }, randomWord).join(' '));
      if (i % 50 === 0) for (const line of real) push(miner, line);
    }
    expect(miner.counts().templates).toBeLessThanOrEqual(8192);
    expect(miner.counts().evicted).toBeGreaterThan(0);
    expect(real.map((line) => push(miner, line))).toEqual(ids);
  });

  it('finds messages with several free words each', () => {
    const miner = new TemplateMiner();
    const ids = Array.from({ length: 2000 }, () =>
      push(
        miner,
        `Transfer of file ${randomWord()} between ${randomWord()} and ${randomWord()} has been completed now`,
      ),
    );
    expect(new Set(ids.slice(-500).map((id) => miner.resolve(id))).size).toBe(1);
  });
});
