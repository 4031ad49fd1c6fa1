import { describe, expect, it } from 'vitest';
import { FakeBridge } from '../../testing/fake-bridge.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { SetupGuide } from './setup-guide.ts';

function aGuide() {
  const clock = new FakeClock(1_767_229_200_000);
  const bridge = new FakeBridge({ now: clock.now });
  let busy = false;
  const guide = new SetupGuide({ bridge, now: clock.now, setTimer: clock.setTimer, isBusyThere: () => busy });
  guide.choose('agent-eu');
  const seconds = async (count: number) => {
    for (let i = 0; i < count; i++) {
      clock.advance(1000);
      // What was asked for is answered a few turns later.
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  };
  return { guide, bridge, seconds, stayBusy: (is: boolean) => (busy = is), now: () => guide.state.getState() };
}

describe('the setup', () => {
  it('goes on by itself a moment after the first event under its key', async () => {
    const { guide, bridge, seconds, now } = aGuide();
    expect(await guide.makeKey('prod-eu')).toMatch(/^slk_/);
    await seconds(5);
    expect(now()).toMatchObject({ step: 'logs', firstEventMs: null });
    await bridge.sendTestLine();
    await seconds(1);
    expect(now().firstEventMs).not.toBeNull();
    await seconds(2);
    expect(now().step).toBe('slack');
  });

  it('stays while a person is busy inside the step', async () => {
    const { guide, seconds, stayBusy, now } = aGuide();
    await guide.makeKey('prod-eu');
    stayBusy(true);
    await guide.sendTestLine();
    await seconds(10);
    expect(now().step).toBe('logs');
    stayBusy(false);
    await seconds(2);
    expect(now().step).toBe('slack');
  });

  it('takes the next free id for its channel, and keeps the channel for another try', async () => {
    const { guide, bridge, now } = aGuide();
    const tried: string[] = [];
    const make = bridge.makeSlackChannel.bind(bridge);
    bridge.makeSlackChannel = async (wanted) => {
      tried.push(wanted.channelId);
      if (wanted.channelId !== 'slack') return make(wanted);
      return { ok: false, error: { code: 'conflict', detail: 'taken', retryable: false } };
    };
    await guide.testSlack('https://hooks.slack.com/services/T/B/x');
    await guide.testSlack('https://hooks.slack.com/services/T/B/x');
    expect(tried).toEqual(['slack', 'slack-2']);
    expect(now()).toMatchObject({ channelId: 'slack-2', slack: { ok: true } });
  });

  it('says what the agent says when it refuses', async () => {
    const { guide, bridge, now } = aGuide();
    bridge.makeKey = async () => ({
      ok: false,
      error: { code: 'forbidden', detail: 'needs the role admin', retryable: false },
    });
    expect(await guide.makeKey('prod-eu')).toBeNull();
    expect(now()).toMatchObject({ step: 'key', failure: 'needs the role admin', busy: false });
  });

  it('forgets the key when it is done, and when another cluster is chosen', async () => {
    const { guide, now } = aGuide();
    await guide.makeKey('prod-eu');
    guide.finish();
    expect(now()).toMatchObject({ key: null, step: 'key', agentId: 'agent-eu' });
    await guide.makeKey('prod-eu');
    guide.choose('agent-us');
    expect(now()).toMatchObject({ key: null, agentId: 'agent-us' });
  });
});
