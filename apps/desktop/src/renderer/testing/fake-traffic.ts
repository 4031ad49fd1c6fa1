/** Traffic made up from a seed: the same second of the same service is the same number, in history and live. */
export interface FakeService {
  readonly service: string;
  /** Events a second at noon. */
  readonly rate: number;
  readonly errorShare: number;
  /** Hours of baseline; below 24 it is still learning. */
  readonly learntHours: number;
}

export const FAKE_SERVICES: readonly FakeService[] = [
  { service: 'api-gateway', rate: 620, errorShare: 0.004, learntHours: 24 },
  { service: 'auth-service', rate: 140, errorShare: 0.01, learntHours: 24 },
  { service: 'catalog-service', rate: 310, errorShare: 0.002, learntHours: 24 },
  { service: 'email-worker', rate: 18, errorShare: 0.006, learntHours: 11 },
  { service: 'inventory-service', rate: 95, errorShare: 0.003, learntHours: 24 },
  { service: 'order-service', rate: 180, errorShare: 0.005, learntHours: 24 },
  { service: 'payment-service', rate: 210, errorShare: 0.008, learntHours: 24 },
  { service: 'search-service', rate: 260, errorShare: 0.002, learntHours: 24 },
];

/** What happens in the made-up world, in seconds before `epochSecond`. */
export interface FakeStory {
  readonly epochSecond: number;
  /** The whole agent was blind. */
  readonly gap: { readonly from: number; readonly seconds: number };
  readonly spike: { readonly service: string; readonly from: number; readonly seconds: number };
  readonly drop: { readonly service: string; readonly from: number; readonly seconds: number };
}

export function fakeStory(epochSecond: number): FakeStory {
  return {
    epochSecond,
    gap: { from: epochSecond - 330, seconds: 38 },
    spike: { service: 'payment-service', from: epochSecond - 95, seconds: 70 },
    drop: { service: 'catalog-service', from: epochSecond - 640, seconds: 45 },
  };
}

export interface FakeReading {
  readonly events: number;
  readonly errors: number;
  readonly mean: number;
  readonly stddev: number;
}

/** null while the agent was blind. */
export function fakeReading(story: FakeStory, service: FakeService, second: number, seed: number): FakeReading | null {
  if (within(second, story.gap)) return null;
  const mean = service.rate * (1 + 0.16 * Math.sin(second / 410) + 0.05 * Math.sin(second / 97));
  const stddev = Math.sqrt(mean) * 1.35;
  let events = mean + stddev * gaussian(second, seed + service.rate);
  let errorShare = service.errorShare;
  if (service.service === story.spike.service && within(second, story.spike)) {
    const progress = (second - story.spike.from) / story.spike.seconds;
    events += mean * 1.9 * Math.sin(Math.PI * progress) ** 0.6;
    errorShare = 0.41;
  }
  if (service.service === story.drop.service && within(second, story.drop)) events *= 0.24;
  events = Math.max(0, Math.round(events));
  return { events, errors: Math.round(events * errorShare * (1 + 0.4 * gaussian(second, seed))), mean, stddev };
}

function within(second: number, { from, seconds }: { readonly from: number; readonly seconds: number }): boolean {
  return second >= from && second < from + seconds;
}

/** Box-Muller over an integer hash: close enough to a normal distribution, and it needs no state. */
function gaussian(second: number, seed: number): number {
  const u = Math.max(1e-9, hash01(second * 2 + seed * 7919));
  const v = hash01(second * 2 + 1 + seed * 104_729);
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
}

/** Mixes an integer into 0 … 1 (the finaliser of MurmurHash3). */
function hash01(n: number): number {
  let h = Math.trunc(n) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}
