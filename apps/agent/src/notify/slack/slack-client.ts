import {
  type FetchFunction,
  type Logger,
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
} from '@slack/web-api';
import type { OutwardFetch } from '../channel.ts';
import { asFailure, DeliveryFailure, failureOfStatus } from '../delivery-failure.ts';

/** The library waits for ever unless told otherwise (reliability §0.7). */
const CALL_TIMEOUT_MS = 8000;
/** Histories are long. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** Slack's own words for: nothing gets through until a person acts. */
const BROKEN: Readonly<Record<string, string>> = {
  invalid_auth: 'the bot token is not valid: replace it',
  not_authed: 'the bot token is empty: set it',
  account_inactive: 'the app was removed from the workspace: install it again',
  token_revoked: 'the bot token was revoked: replace it',
  token_expired: 'the bot token has expired: replace it',
  missing_scope: 'the app lacks the scope chat:write: add it and install the app again',
  channel_not_found: 'there is no such Slack channel, or the bot cannot see it: check its id and invite the bot',
  not_in_channel: 'the bot is not in the Slack channel: invite it',
  is_archived: 'the Slack channel is archived: choose another',
  restricted_action: 'the workspace does not let the app post there',
  org_login_required: 'the workspace is being moved to an organisation: try later',
  team_access_not_granted: 'the app was not given access to the workspace: ask its owner',
  ekm_access_denied: 'the owner of the workspace has suspended access to its keys',
};
const DROPPED = new Set([
  'msg_too_long',
  'invalid_blocks',
  'invalid_blocks_format',
  'no_text',
  'invalid_metadata_format',
]);

/** One platform error that a caller may want to act on. */
export class SlackRefusal extends DeliveryFailure {
  readonly slackError: string;

  constructor(slackError: string, options: ErrorOptions) {
    const remedy = Object.hasOwn(BROKEN, slackError) ? 'broken' : DROPPED.has(slackError) ? 'drop' : 'retry';
    const reason = remedy === 'broken' ? 'auth' : remedy === 'drop' ? 'refused' : 'server_error';
    // The word comes from outside: only a known one is repeated.
    const words = BROKEN[slackError] ?? (/^[a-z_]{1,60}$/.test(slackError) ? slackError : 'an unknown error');
    super(remedy, `Slack: ${words}`, { reason }, options);
    this.name = 'SlackRefusal';
    this.slackError = slackError;
  }
}

/** Calls a method of Slack's Web API; every failure is a DeliveryFailure. The answer is `ok` and otherwise unchecked. */
export type SlackCall = (method: string, options: Record<string, unknown>) => Promise<unknown>;

export function slackCall(token: string, apiUrl: string, fetch: OutwardFetch, signal: AbortSignal): SlackCall {
  const client = new WebClient(token, {
    slackApiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`,
    allowAbsoluteUrls: false,
    timeout: CALL_TIMEOUT_MS,
    // The outbox tries again, and knows for how long.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: SILENT,
    fetch: throughTheDoor(fetch, signal),
  });
  return async (method, options) => {
    try {
      return await client.apiCall(method, options);
    } catch (error) {
      throw slackFailure(error);
    }
  };
}

function slackFailure(error: unknown): DeliveryFailure {
  if (error instanceof WebAPIPlatformError) return new SlackRefusal(error.data.error, { cause: error });
  if (error instanceof WebAPIRateLimitedError) {
    const retryAfterMs = Math.min(Math.max(error.retryAfter, 1), 3600) * 1000;
    return new DeliveryFailure('retry', 'Slack asks for a pause', { reason: 'rate_limited', retryAfterMs });
  }
  if (error instanceof WebAPIHTTPError) {
    const known = failureOfStatus(error.statusCode, error.headers, 'Slack');
    if (known !== null) return known;
  }
  if (error instanceof WebAPIRequestError) return asFailure(error.original, 'Slack');
  return asFailure(error, 'Slack');
}

function throughTheDoor(fetch: OutwardFetch, signal: AbortSignal): FetchFunction {
  return async (url, init) => {
    const form = init?.body instanceof FormData ? new Response(init.body) : undefined;
    const contentType = form?.headers.get('content-type');
    const body = form === undefined ? (init?.body as string | undefined) : new Uint8Array(await form.arrayBuffer());
    const answer = await fetch(String(url), {
      method: init?.method === 'GET' ? 'GET' : 'POST',
      headers: { ...init?.headers, ...(contentType && { 'content-type': contentType }) },
      ...(body !== undefined && { body }),
      signal: init?.signal ? AbortSignal.any([signal, init.signal]) : signal,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    });
    return new Response(answer.text, { status: answer.status, headers: answer.headers });
  };
}

/** The library writes to the console, where our log lines are; what matters comes back as errors. */
export const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};
