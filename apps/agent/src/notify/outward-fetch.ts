/** The one door for requests to addresses that a person configured (reliability A18, F27). */
import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Agent, request as send } from 'undici';
import type { OutwardAnswer, OutwardFetch, OutwardRequest } from './channel.ts';
import { asFailure, DeliveryFailure } from './delivery-failure.ts';

/** F27: enough for any answer of an API, too little to fill the memory. */
const MAX_ANSWER_BYTES = 64 * 1024;
const TIMEOUT_MS = 10_000;

/** Loopback, private, link-local (cloud metadata), carrier, documentation, multicast and reserved (RFC 6890, RFC 4193). */
const INWARD: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.88.99.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 127, 'ipv6'],
  // An IPv4 address inside an IPv6 one may be any of the above; nobody publishes a service under such a name.
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['100::', 64, 'ipv6'],
  ['2001::', 23, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['fec0::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];

/** Which addresses may be reached. */
export class TargetRules {
  readonly #inward = new BlockList();
  readonly #allowedNets = new BlockList();
  readonly #allowedHosts = new Set<string>();

  /** @param allowed host names, addresses and networks (`10.1.0.0/16`) that may be reached although they are private */
  constructor(allowed: readonly string[]) {
    for (const [net, bits, family] of INWARD) this.#inward.addSubnet(net, bits, family);
    for (const each of allowed) {
      const [address, bits] = each.split('/');
      const family = isIP(address);
      if (family === 0) this.#allowedHosts.add(each.toLowerCase());
      else this.#allowedNets.addSubnet(address, Number(bits ?? (family === 4 ? 32 : 128)), `ipv${family as 4 | 6}`);
    }
  }

  /** A person named this very host or address (not merely a public one). */
  exempts(host: string): boolean {
    const family = isIP(host);
    if (family === 0) return this.#allowedHosts.has(host.toLowerCase());
    return this.#allowedNets.check(host, family === 4 ? 'ipv4' : 'ipv6');
  }

  allowsAddress(address: string): boolean {
    const family = isIP(address);
    if (family === 0) return false;
    const type = family === 4 ? 'ipv4' : 'ipv6';
    // BlockList looks through ::ffff:a.b.c.d by itself.
    return this.#allowedNets.check(address, type) || !this.#inward.check(address, type);
  }
}

/**
 * Resolves, checks every address, and connects to the checked one: a name that changes between check and use changes
 * nothing. Plain http only where the host is allowed by name or network.
 */
export function createOutwardFetch(rules: TargetRules, resolve: LookupFunction = systemLookup): OutwardFetch {
  const lookup: LookupFunction = (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const addresses = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found;
      const good = rules.exempts(host) ? addresses : addresses.filter(({ address }) => rules.allowsAddress(address));
      // All or nothing: a name with one inward address is somebody's trick or mistake.
      if (good.length < addresses.length || good.length === 0) {
        return callback(Object.assign(new Error('private address'), { code: 'FORBIDDEN_TARGET' }), []);
      }
      if (options.all === true) callback(null, good);
      else callback(null, good[0].address, good[0].family);
    });
  };
  const dispatcher = new Agent({
    connect: { lookup, timeout: TIMEOUT_MS },
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    connections: 8,
    keepAliveTimeout: 4000,
  });
  return async (url, options) => {
    const target = checked(url, rules);
    try {
      return await exchange(target, options, dispatcher);
    } catch (error) {
      if (isForbidden(error)) throw forbidden(target.host);
      throw asFailure(error, target.host);
    }
  };
}

async function exchange(target: URL, options: OutwardRequest, dispatcher: Agent): Promise<OutwardAnswer> {
  const { method, headers, body, signal, maxAnswerBytes = MAX_ANSWER_BYTES } = options;
  const answer = await send(target, {
    method,
    headers: { 'user-agent': 'sentinellog', ...headers },
    body: body ?? null,
    signal,
    dispatcher,
  });
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of answer.body as AsyncIterable<Uint8Array>) {
    length += part.length;
    // What has been read is enough to know how it went; leaving the loop closes the connection.
    if (length > maxAnswerBytes) break;
    parts.push(part);
  }
  const entries = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
  return {
    status: answer.statusCode,
    headers: Object.fromEntries(entries) as Record<string, string>,
    text: Buffer.concat(parts).toString('utf8'),
  };
}

function checked(url: string, rules: TargetRules): URL {
  const target = URL.parse(url);
  if (target === null || (target.protocol !== 'https:' && target.protocol !== 'http:')) {
    throw new DeliveryFailure('broken', 'the address is not an http or https address', { reason: 'configuration' });
  }
  // The parser has turned 0x7f.1 and 2130706433 into 127.0.0.1 by now.
  const host = target.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !rules.allowsAddress(host)) throw forbidden(target.host);
  if (target.username !== '' || target.password !== '') {
    throw new DeliveryFailure('broken', 'credentials do not belong into an address', { reason: 'configuration' });
  }
  if (target.protocol === 'http:' && !rules.exempts(host)) {
    throw new DeliveryFailure('broken', `${target.host}: plain http is not used outside; set an https address`, {
      reason: 'configuration',
    });
  }
  return target;
}

function forbidden(host: string): DeliveryFailure {
  return new DeliveryFailure(
    'broken',
    `${host} is a private address; if that is wanted, name it in notify.allowPrivateHosts`,
    { reason: 'forbidden_target' },
  );
}

function isForbidden(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ('code' in each && each.code === 'FORBIDDEN_TARGET') return true;
  }
  return false;
}
