import { randomUUID } from 'node:crypto';
import {
  AgentStatusSchema,
  type Anomaly,
  AnomalyListSchema,
  AnomalySchema,
  type HeartbeatAnswer,
  HeartbeatAnswerSchema,
  type HookRun,
  MeSchema,
  type DrawnSignal,
  type Source,
  type SourcePatch,
  SourceSchema,
} from '@sentinellog/shared';
import type { AgentConnectionOptions } from '../../bridge/agent-connection.ts';
import type {
  AnomalyRange,
  Answer,
  HeartbeatRange,
  LineWish,
  NewAgent,
  OneExplanation,
  SavedAgent,
} from '../../bridge/calls.ts';
import { EXPLAIN_PATH, readExplanation } from '../../bridge/explanation-stream.ts';
import type { BridgeEvent, ConnectionState } from '../../bridge/events.ts';
import type { AgentCall } from '../../bridge/incident-calls.ts';
import { type HookOrder, runHookCall } from '../../bridge/policy-calls.ts';
import type { AgentVault, Keep, VaultAgent } from '../agent-vault.ts';
import type { Log } from '../main-log.ts';
import { parseAgentAddress } from './agent-address.ts';
import { type AgentDoor, askAgent, askAgentLines, streamFromAgent } from './agent-api.ts';
import { agentLabel } from './agent-label.ts';
import { AgentLink } from './agent-link.ts';
import { failed } from './call-failure.ts';

/** The page draws a cluster's line in one of six colours (ux §4). */
const COLOURS = 6;
/** Every agent costs a socket and a picture; 50 is what the console promises to carry (reliability §4). */
const MAX_AGENTS = 50;
/** The newest of a range: what the API gives in one page. */
const ANOMALY_PAGE = 1000;
/** One an agent in scope, and those that a quicker hand has asked for meanwhile. */
const MAX_EXPLANATIONS = 100;
/** A token in a header holds visible ASCII only; the agent's hello allows 512 characters. */
const TOKEN = /^[\x21-\x7e]{1,512}$/;

export interface FleetOptions extends Pick<AgentConnectionOptions, 'openSocket' | 'now' | 'setTimer' | 'random'> {
  readonly vault: AgentVault;
  readonly fetch: typeof fetch;
  readonly send: (event: BridgeEvent) => void;
  readonly log: Log;
}

/** All agents that the console is connected to. One agent's fault, or lie, stays with that agent. */
export class AgentFleet {
  readonly #options: FleetOptions;
  readonly #links = new Map<string, AgentLink>();
  #signal: DrawnSignal = 'volume';
  #lines: { readonly agentIds: readonly string[]; readonly wish: LineWish | null } = { agentIds: [], wish: null };
  /** Explanations under way, by the page's own name for them. */
  readonly #explaining = new Map<string, AbortController>();

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  start(): void {
    for (const agent of this.#options.vault.list()) this.#connect(agent);
  }

  stop(): void {
    for (const link of this.#links.values()) link.stop();
    this.#links.clear();
  }

  list(): readonly SavedAgent[] {
    return this.#options.vault.list().map((agent) => this.#saved(agent));
  }

  /** Tells a fresh page everything that it would have heard had it been there from the start. */
  replay(): void {
    for (const link of this.#links.values()) link.replay();
  }

  /** Asks the agent before anything is kept: a mistyped address or token is found here, in words. */
  async add({ url, token: typedToken }: NewAgent, keep: Keep): Promise<Answer<SavedAgent>> {
    const address = parseAgentAddress(url);
    if (!address.ok) return address;
    const token = typedToken.trim();
    if (!TOKEN.test(token)) {
      return failed('bad_token', 'That is not an access token: it is one word without spaces, as the agent printed it');
    }
    const { origin } = address.value;
    const known = this.#options.vault.list().find((agent) => agent.url === origin);
    if (known === undefined && this.#options.vault.list().length >= MAX_AGENTS) {
      return failed('too_many_agents', `This console holds ${MAX_AGENTS} agents at most: remove one first`);
    }
    const described = await this.#describe(origin, token);
    if (!described.ok) return described;
    const agent: VaultAgent = {
      agentId: known?.agentId ?? randomUUID(),
      url: origin,
      colour: known?.colour ?? this.#freeColour(),
      ...(known?.ownCode === undefined ? {} : { ownCode: known.ownCode }),
      ...described.value,
    };
    try {
      await this.#options.vault.put(agent, token, keep);
    } catch (error) {
      this.#options.log('vault.write_failed', String(error));
      return failed('cannot_save', 'The agent answers, but it could not be saved: is the disk full or read-only?');
    }
    this.#connect(agent);
    this.#announce();
    return { ok: true, value: this.#saved(agent) };
  }

  async remove(agentId: string): Promise<Answer<null>> {
    if (this.#options.vault.get(agentId) === undefined) return unknownAgent();
    this.#disconnect(agentId);
    await this.#options.vault.remove(agentId);
    this.#announce();
    return DONE;
  }

  async label(agentId: string, code: string | null, colour: number): Promise<Answer<null>> {
    const known = this.#options.vault.get(agentId);
    if (known === undefined) return unknownAgent();
    const wanted = code === null || code.trim() === '' ? null : agentLabel({ name: known.name, code }, known.name).code;
    await this.#options.vault.label(agentId, colour, wanted ?? undefined);
    this.#announce();
    return DONE;
  }

  retry(agentId: string): Answer<null> {
    const link = this.#links.get(agentId);
    if (link === undefined) return this.#options.vault.get(agentId) === undefined ? unknownAgent() : noToken();
    link.retryNow();
    return DONE;
  }

  /** After sleep, or when the network is back: no waiting for the back-off. */
  retryAll(): void {
    for (const link of this.#links.values()) if (link.state.type !== 'refused') link.retryNow();
  }

  watch(signal: DrawnSignal): Answer<null> {
    this.#signal = signal;
    for (const link of this.#links.values()) link.watch(signal);
    return DONE;
  }

  /** The live lines of these agents; those of all others end. */
  watchLines(agentIds: readonly string[], wish: LineWish | null): Answer<null> {
    this.#lines = { agentIds, wish };
    for (const [agentId, link] of this.#links) link.watchLines(agentIds.includes(agentId) ? wish : null);
    return DONE;
  }

  /** Asks an agent what a range is made of; what it finds goes to the page as it comes. */
  async explain({ agentId, explanationId, request }: OneExplanation): Promise<Answer<null>> {
    const door = this.#doorOf(agentId);
    if (!door.ok) return door;
    if (this.#explaining.size >= MAX_EXPLANATIONS) {
      return failed('too_many', `${MAX_EXPLANATIONS} ranges are being explained already: wait for one of them`);
    }
    const stop = new AbortController();
    this.#explaining.set(explanationId, stop);
    const answer = await streamFromAgent(
      this.#options.fetch,
      door.value,
      { path: EXPLAIN_PATH, body: request },
      (chunks) =>
        readExplanation(chunks, (message) =>
          this.#options.send({ type: 'explanation', agentId, explanationId, message }),
        ),
      stop.signal,
    );
    if (this.#explaining.get(explanationId) === stop) this.#explaining.delete(explanationId);
    return answer;
  }

  stopExplaining(explanationId: string): Answer<null> {
    this.#explaining.get(explanationId)?.abort();
    this.#explaining.delete(explanationId);
    return DONE;
  }

  /** Ends every connection and forgets every token; the agents stay listed. */
  async signOut(): Promise<Answer<null>> {
    this.stop();
    await this.#options.vault.forgetTokens();
    for (const { agentId } of this.#options.vault.list()) {
      this.#options.send({ type: 'connection', agentId, connection: NO_TOKEN });
    }
    return DONE;
  }

  heartbeats({
    agentId,
    sources,
    signal,
    fromMs,
    toMs,
    stepSeconds,
  }: HeartbeatRange): Promise<Answer<HeartbeatAnswer>> {
    const query = new URLSearchParams([
      ...sources.map((source): [string, string] => ['source', source]),
      ['signal', signal],
      ['from', String(Math.round(fromMs))],
      ['to', String(Math.round(toMs))],
      ['step', `${stepSeconds}s`],
    ]);
    return this.call(agentId, {
      method: 'GET',
      path: `/v1/heartbeats?${query.toString()}`,
      schema: HeartbeatAnswerSchema,
    });
  }

  async anomalies({ agentId, fromMs, toMs }: AnomalyRange): Promise<Answer<readonly Anomaly[]>> {
    const query = new URLSearchParams({
      from: String(Math.round(fromMs)),
      to: String(Math.round(toMs)),
      limit: String(ANOMALY_PAGE),
    });
    const answer = await this.call(agentId, {
      method: 'GET',
      path: `/v1/anomalies?${query.toString()}`,
      schema: AnomalyListSchema,
    });
    return answer.ok ? { ok: true, value: answer.value.anomalies } : answer;
  }

  anomaly(agentId: string, eventId: string): Promise<Answer<Anomaly>> {
    return this.call(agentId, {
      method: 'GET',
      path: `/v1/anomalies/${encodeURIComponent(eventId)}`,
      schema: AnomalySchema,
    });
  }

  patchSource(agentId: string, sourceId: string, patch: SourcePatch): Promise<Answer<Source>> {
    return this.call(agentId, {
      method: 'PATCH',
      path: `/v1/sources/${encodeURIComponent(sourceId)}`,
      body: patch,
      headers: { 'idempotency-key': randomUUID() },
      schema: SourceSchema,
    });
  }

  /** Its states go to the page as they come; the answer is the last of them. */
  async runHook(agentId: string, order: HookOrder): Promise<Answer<HookRun>> {
    const door = this.#doorOf(agentId);
    if (!door.ok) return door;
    const { fetch: fetchLike, send } = this.#options;
    return askAgentLines(fetchLike, door.value, runHookCall(order), (run) => send({ type: 'hookRun', agentId, run }));
  }

  /** Any request of the API to one of the agents, with its token. */
  async call<T>(agentId: string, request: AgentCall<T>): Promise<Answer<T>> {
    const door = this.#doorOf(agentId);
    return door.ok ? askAgent(this.#options.fetch, door.value, request) : door;
  }

  #doorOf(agentId: string): Answer<AgentDoor> {
    const agent = this.#options.vault.get(agentId);
    if (agent === undefined) return unknownAgent();
    const token = this.#options.vault.tokenOf(agentId);
    return token === null ? noToken() : { ok: true, value: { origin: agent.url, token } };
  }

  /** The name and code of whoever answers there, if it is an agent and the token may read. */
  async #describe(origin: string, token: string): Promise<Answer<Pick<VaultAgent, 'name' | 'code'>>> {
    const door = { origin, token };
    const me = await askAgent(this.#options.fetch, door, { method: 'GET', path: '/v1/me', schema: MeSchema });
    if (!me.ok) return me;
    if (!me.value.scopes.includes('read')) {
      return failed('forbidden', `${origin}: this access token may not read; create one with the role viewer there`);
    }
    const host = new URL(origin).host;
    const status = await askAgent(this.#options.fetch, door, {
      method: 'GET',
      path: '/v1/agent',
      schema: AgentStatusSchema,
    });
    // A token that may read the heartbeat need not be allowed to ask for the agent's state; its hello says the name.
    if (!status.ok && status.error.code !== 'forbidden') return status;
    return { ok: true, value: agentLabel(status.ok ? status.value.agent : { name: host, code: '' }, host) };
  }

  #connect(agent: VaultAgent): void {
    const { agentId } = agent;
    this.#disconnect(agentId);
    const address = parseAgentAddress(agent.url);
    if (!address.ok || this.#options.vault.tokenOf(agentId) === null) return;
    const { openSocket, now, setTimer, random, vault } = this.#options;
    const link = new AgentLink({
      agentId,
      streamUrl: address.value.streamUrl,
      token: () => vault.tokenOf(agentId) ?? '',
      send: (event) => this.#pass(event),
      openSocket,
      now,
      setTimer,
      random,
    });
    this.#links.set(agentId, link);
    link.watch(this.#signal);
    if (this.#lines.agentIds.includes(agentId)) link.watchLines(this.#lines.wish);
    link.start();
  }

  #disconnect(agentId: string): void {
    this.#links.get(agentId)?.stop();
    this.#links.delete(agentId);
  }

  /** What an agent calls itself is cleaned on the way, and gives way to what a person calls it. */
  #pass(event: BridgeEvent): void {
    const known = event.type === 'hello' ? this.#options.vault.get(event.agentId) : undefined;
    if (event.type !== 'hello' || known === undefined) {
      this.#options.send(event);
      return;
    }
    const said = agentLabel(event.agent, new URL(known.url).host);
    this.#relabel(event.agentId, event.agent);
    this.#options.send({
      ...event,
      agent: { ...event.agent, name: said.name, code: known.ownCode ?? said.code },
    });
  }

  #relabel(agentId: string, said: { readonly name: string; readonly code: string }): void {
    const agent = this.#options.vault.get(agentId);
    if (agent === undefined) return;
    this.#options.vault
      .describe(agentId, agentLabel(said, new URL(agent.url).host))
      .catch((error: unknown) => this.#options.log('vault.write_failed', String(error)));
  }

  #announce(): void {
    this.#options.send({ type: 'agents', agents: this.#options.vault.list().map(({ agentId }) => agentId) });
  }

  #saved({ agentId, name, code, ownCode, url, colour }: VaultAgent): SavedAgent {
    const connection: ConnectionState = this.#links.get(agentId)?.state ?? NO_TOKEN;
    return {
      agentId,
      name,
      code: ownCode ?? code,
      url,
      colour,
      connection,
      tokenKept: this.#options.vault.isTokenKept(agentId),
    };
  }

  #freeColour(): number {
    const taken = this.#options.vault.list().map(({ colour }) => colour);
    for (let colour = 0; colour < COLOURS; colour++) if (!taken.includes(colour)) return colour;
    return taken.length % COLOURS;
  }
}

const DONE: Answer<null> = { ok: true, value: null };

const NO_TOKEN: ConnectionState = {
  type: 'refused',
  reason:
    'the console holds no access token for this agent (it was signed out, or the system has no key store): add the agent again',
};

function noToken(): Answer<never> {
  return failed('no_token', 'The console holds no access token for this agent: add the agent again with its token');
}

function unknownAgent(): Answer<never> {
  return failed('unknown_agent', 'This agent is no longer in the list');
}
