import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { ChannelSettingsOf } from '@sentinellog/shared';
import type { Channel, ChannelType, Message } from '../channel.ts';
import { asFailure, DeliveryFailure } from '../delivery-failure.ts';
import { digestMail, incidentMail, type Mail } from '../mail-message.ts';

/** F27. */
const TIMEOUT_MS = 9000;
const STORM_LIMIT = 10;

/** Mail by any SMTP server. What belongs to one incident lies in one thread of the reader's mail program. */
export const email: ChannelType<'email'> = {
  kind: 'email',
  open: (settings, secrets) => new MailChannel(settings, secrets['password']),
};

class MailChannel implements Channel {
  readonly stormLimit = STORM_LIMIT;
  readonly #settings: ChannelSettingsOf<'email'>;
  readonly #password: string | undefined;

  constructor(settings: ChannelSettingsOf<'email'>, password: string | undefined) {
    this.#settings = settings;
    this.#password = password;
  }

  async deliver(message: Message, signal: AbortSignal) {
    const { incident } = message.notice;
    return this.#send(incidentMail(message.notice), message.key, incident.incident_id, signal);
  }

  async digest(messages: readonly Message[], signal: AbortSignal) {
    return this.#send(digestMail(messages.map(({ notice }) => notice)), messages[0].key, null, signal);
  }

  async #send(mail: Mail, key: string, thread: string | null, signal: AbortSignal) {
    const { host, port, security, user, from, to } = this.#settings;
    const messageId = this.#idOf(key);
    // Only where mail is sent: a start should not wait for it.
    const { createTransport } = await import('nodemailer');
    const transport = createTransport({
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      ...(isIP(host) === 0 && { tls: { servername: host } }),
      ...(user !== undefined && this.#password !== undefined && { auth: { user, pass: this.#password } }),
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      dnsTimeout: TIMEOUT_MS,
      // Nothing that a message says may make this machine open a file or an address.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const stop = () => transport.close();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await transport.sendMail({
        from: { name: 'SentinelLog', address: from },
        to: to.map((address) => ({ name: '', address })),
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        messageId,
        ...(thread !== null && { references: [this.#idOf(thread)] }),
        headers: {
          // RFC 3834: no out-of-office answers; RFC 2919: mail programs can sort by it.
          'Auto-Submitted': 'auto-generated',
          'X-Auto-Response-Suppress': 'All',
          'List-Id': 'SentinelLog incidents <incidents.sentinellog>',
          Precedence: 'bulk',
        },
      });
      return { messageId, ref: null };
    } catch (error) {
      throw mailFailure(error, host);
    } finally {
      signal.removeEventListener('abort', stop);
      transport.close();
    }
  }

  /** The same delivery has the same id at every attempt: a mail program shows a repeat once. */
  #idOf(text: string): string {
    const domain = this.#settings.from.split('@').at(-1) ?? 'sentinellog';
    return `<${createHash('sha256').update(text).digest('hex').slice(0, 32)}@${domain}>`;
  }
}

function mailFailure(error: unknown, host: string): DeliveryFailure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const status = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : Number.NaN;
  const options = { cause: error };
  if (code === 'EAUTH') {
    const text = `the mail server ${host} refuses user or password: replace them`;
    return new DeliveryFailure('broken', text, { reason: 'auth' }, options);
  }
  if (code === 'ETLS') {
    const text = `the mail server ${host} does not speak TLS as configured: check port and security`;
    return new DeliveryFailure('broken', text, { reason: 'configuration' }, options);
  }
  // RFC 5321 §4.2.1: 4yz may be tried again (greylisting), 5yz not.
  if (status >= 400 && status < 500) {
    return new DeliveryFailure(
      'retry',
      `the mail server ${host} says later (${status})`,
      { reason: 'server_error' },
      options,
    );
  }
  if (status >= 500) {
    return new DeliveryFailure(
      'drop',
      `the mail server ${host} refuses the message (${status})`,
      { reason: 'refused' },
      options,
    );
  }
  return asFailure(error, `the mail server ${host}`);
}
