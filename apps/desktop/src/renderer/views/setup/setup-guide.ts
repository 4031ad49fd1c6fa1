import type { ChannelTest } from '@sentinellog/shared';
import { createStore } from 'zustand/vanilla';
import type { ConsoleBridge } from '../../../bridge/calls.ts';
import type { NewIngestKey } from '../../../bridge/setup-calls.ts';
import type { SetTimer } from '../../stores/event-batch.ts';

/** An event is to be noticed within two seconds of its arrival (ux §6 goal 16); a question a second leaves room. */
const LOOK_EVERY_MS = 1000;
/** Long enough to read that it worked, short enough not to wait for it (ux §2.12). */
const ADVANCE_AFTER_MS = 1500;
/** Ids tried for the new channel: slack, slack-2, … */
const MAX_CHANNEL_IDS = 9;

export type SetupStep = 'key' | 'logs' | 'slack';
export const SETUP_STEPS: readonly SetupStep[] = ['key', 'logs', 'slack'];

export interface SetupState {
  readonly step: SetupStep;
  readonly agentId: string | null;
  readonly key: NewIngestKey | null;
  readonly listeningSinceMs: number | null;
  /** When the first event under the new key was accepted. */
  readonly firstEventMs: number | null;
  readonly channelId: string | null;
  readonly slack: ChannelTest | null;
  readonly busy: boolean;
  readonly failure: string | null;
}

const FRESH: SetupState = {
  step: 'key',
  agentId: null,
  key: null,
  listeningSinceMs: null,
  firstEventMs: null,
  channelId: null,
  slack: null,
  busy: false,
  failure: null,
};

export interface SetupGuideOptions {
  readonly bridge: Pick<ConsoleBridge, 'makeKey' | 'keys' | 'sendTestLine' | 'makeSlackChannel' | 'testChannel'>;
  readonly now: () => number;
  readonly setTimer: SetTimer;
  /** True while a person is busy inside the step: then nothing moves on by itself. */
  readonly isBusyThere: () => boolean;
}

/**
 * The way from nothing to a watched service in three steps. It outlives the view, so that a person can look elsewhere and
 * come back; the key is in memory only and is gone with the page.
 */
export class SetupGuide {
  readonly state = createStore<SetupState>(() => FRESH);
  readonly #options: SetupGuideOptions;
  #cancelLook: (() => void) | null = null;
  #cancelAdvance: (() => void) | null = null;

  constructor(options: SetupGuideOptions) {
    this.#options = options;
  }

  /** Another agent is another setup. */
  choose(agentId: string): void {
    if (this.state.getState().agentId === agentId) return;
    this.#stop();
    this.state.setState({ ...FRESH, agentId });
  }

  go(step: SetupStep): void {
    this.#cancelAdvance?.();
    this.state.setState({ step, failure: null });
  }

  /** Resolves with the key, so that the click that asked for it can also copy it. */
  async makeKey(name: string): Promise<string | null> {
    const { agentId, busy } = this.state.getState();
    if (agentId === null || busy) return null;
    this.state.setState({ busy: true, failure: null });
    const answer = await this.#options.bridge.makeKey({ agentId, name });
    this.state.setState({ busy: false });
    if (!answer.ok) {
      this.state.setState({ failure: answer.error.detail });
      return null;
    }
    this.state.setState({ key: answer.value, step: 'logs', listeningSinceMs: this.#options.now(), firstEventMs: null });
    this.#look();
    return answer.value.key;
  }

  async sendTestLine(): Promise<void> {
    const { agentId, key, busy } = this.state.getState();
    if (agentId === null || key === null || busy) return;
    this.state.setState({ busy: true, failure: null });
    const answer = await this.#options.bridge.sendTestLine({ agentId, key: key.key });
    this.state.setState({ busy: false });
    if (!answer.ok) this.state.setState({ failure: answer.error.detail });
    else if (answer.value.accepted === 0) this.state.setState({ failure: 'the agent accepted no line of it' });
    else this.#arrived();
  }

  /** Keeps the webhook as a channel of the agent the first time, then sends a test message through it. */
  async testSlack(url: string): Promise<void> {
    const { agentId, busy } = this.state.getState();
    if (agentId === null || busy) return;
    this.state.setState({ busy: true, failure: null, slack: null });
    const failure = await this.#makeChannel(agentId, url);
    const { channelId } = this.state.getState();
    if (failure !== null || channelId === null) {
      this.state.setState({ busy: false, failure });
      return;
    }
    const test = await this.#options.bridge.testChannel({ agentId, channelId });
    this.state.setState(test.ok ? { busy: false, slack: test.value } : { busy: false, failure: test.error.detail });
  }

  /** Another webhook becomes another channel: one that was wrong cannot be told from one that is down. */
  forgetChannel(): void {
    this.state.setState({ channelId: null, slack: null, failure: null });
  }

  /** The key leaves memory; what was set up stays with the agent. */
  finish(): void {
    this.#stop();
    this.state.setState({ ...FRESH, agentId: this.state.getState().agentId });
  }

  async #makeChannel(agentId: string, url: string): Promise<string | null> {
    if (this.state.getState().channelId !== null) return null;
    for (let number = 1; number <= MAX_CHANNEL_IDS; number++) {
      const channelId = number === 1 ? 'slack' : `slack-${number}`;
      const made = await this.#options.bridge.makeSlackChannel({ agentId, channelId, url });
      if (made.ok) {
        this.state.setState({ channelId });
        return null;
      }
      if (made.error.code !== 'conflict') return made.error.detail;
    }
    return `this agent has ${MAX_CHANNEL_IDS} Slack channels already: use or remove one of them`;
  }

  #look(): void {
    this.#cancelLook?.();
    this.#cancelLook = this.#options.setTimer(() => void this.#lookOnce(), LOOK_EVERY_MS);
  }

  async #lookOnce(): Promise<void> {
    const { agentId, key, firstEventMs } = this.state.getState();
    if (agentId === null || key === null || firstEventMs !== null) return;
    const answer = await this.#options.bridge.keys({ agentId });
    // A question that fails is asked again: the step is about the sender, not about this.
    const used =
      answer.ok && answer.value.some(({ key_id, last_used_ms }) => key_id === key.key_id && last_used_ms !== null);
    if (used) this.#arrived();
    else this.#look();
  }

  #arrived(): void {
    if (this.state.getState().firstEventMs !== null) return;
    this.#cancelLook?.();
    this.state.setState({ firstEventMs: this.#options.now() });
    this.#advanceSoon();
  }

  #advanceSoon(): void {
    this.#cancelAdvance?.();
    this.#cancelAdvance = this.#options.setTimer(() => {
      if (this.state.getState().step !== 'logs') return;
      if (this.#options.isBusyThere()) this.#advanceSoon();
      else this.go('slack');
    }, ADVANCE_AFTER_MS);
  }

  #stop(): void {
    this.#cancelLook?.();
    this.#cancelAdvance?.();
  }
}
