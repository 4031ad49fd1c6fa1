import { createHash } from 'node:crypto';
import type { Caller } from '../pipeline/caller.ts';

const SESSION_MS = 12 * 3600 * 1000;
/** People with the console open in a browser; beyond it the oldest session ends. */
const MAX_SESSIONS = 1000;

export interface SessionBookOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Cryptographically strong bytes. */
  readonly randomBytes: (length: number) => Buffer;
  /** Cookies ignore the port: agents on one host keep their sessions apart by this. */
  readonly agentId: string;
  /** The caller behind a token as it stands now; null once the token is revoked. */
  readonly currentCaller: (tokenId: string) => Caller | null;
}

/**
 * Log-ins of the browser console: an opaque id in a cookie that scripts cannot read stands for a token for 12 hours.
 * In memory only, by hash: a restart signs everybody out, and a memory dump holds nothing that can be presented.
 */
export class SessionBook {
  readonly #options: SessionBookOptions;
  readonly #cookieName: string;
  readonly #sessions = new Map<string, { readonly tokenId: string; readonly endsAtMs: number }>();

  constructor(options: SessionBookOptions) {
    this.#options = options;
    this.#cookieName = `sentinellog_${options.agentId.replaceAll(/[^0-9a-zA-Z]/g, '').slice(-12)}`;
  }

  /**
   * Starts a session for the holder of a token.
   * @returns the value of a Set-Cookie header
   */
  open(tokenId: string, secure: boolean): string {
    const id = this.#options.randomBytes(32).toString('base64url');
    this.#sessions.set(hashOf(id), { tokenId, endsAtMs: this.#options.now() + SESSION_MS });
    if (this.#sessions.size > MAX_SESSIONS) this.#sessions.delete(this.#sessions.keys().next().value ?? '');
    return this.#setCookie(id, SESSION_MS / 1000, secure);
  }

  /** True when a request carries this agent's cookie, whether or not it is still good. */
  hasCookie(cookieHeader: string | undefined): boolean {
    return this.#idIn(cookieHeader) !== undefined;
  }

  /** The caller of a session as things stand now; null when it has ended or its token is revoked. */
  callerOf(cookieHeader: string | undefined): Caller | null {
    const id = this.#idIn(cookieHeader);
    if (id === undefined) return null;
    const session = this.#sessions.get(hashOf(id));
    if (session === undefined) return null;
    const caller = session.endsAtMs > this.#options.now() ? this.#options.currentCaller(session.tokenId) : null;
    if (caller === null) this.#sessions.delete(hashOf(id));
    return caller;
  }

  /**
   * Ends the session of a request, if it has one.
   * @returns the value of a Set-Cookie header that makes the browser forget it
   */
  close(cookieHeader: string | undefined, secure: boolean): string {
    const id = this.#idIn(cookieHeader);
    if (id !== undefined) this.#sessions.delete(hashOf(id));
    return this.#setCookie('', 0, secure);
  }

  #idIn(cookieHeader: string | undefined): string | undefined {
    const start = `${this.#cookieName}=`;
    const pair = cookieHeader?.split(';').find((part) => part.trimStart().startsWith(start));
    return pair?.trim().slice(start.length);
  }

  #setCookie(value: string, maxAgeSeconds: number, secure: boolean): string {
    const attributes = `Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
    return `${this.#cookieName}=${value}; ${attributes}`;
  }
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}
