/** A line as tones: pitch is the value, loudness says whether it lies outside its band, silence is a gap. */
export interface Tone {
  /** Seconds from the start. */
  readonly atSeconds: number;
  readonly hertz: number;
  /** 0 … 1 */
  readonly loudness: number;
}

interface Heard {
  readonly value: readonly (number | null)[];
  readonly lower: readonly (number | null)[];
  readonly upper: readonly (number | null)[];
}

/** A whole chart in as long as one listens attentively. */
const SECONDS = 5;
/** More tones than this in that time run into one another. */
const MAX_TONES = 100;
/** Two octaves around the middle of hearing: A3 to A5. */
const LOWEST_HERTZ = 220;
const OCTAVES = 2;
const CALM_LOUDNESS = 0.12;
const OUTSIDE_LOUDNESS = 0.4;

/** At most MAX_TONES tones in time order; of several buckets in one tone, the one furthest from its band is heard. */
export function tonesOf({ value, lower, upper }: Heard): readonly Tone[] {
  const known = value.filter((one) => one !== null);
  if (known.length === 0) return [];
  const least = Math.min(...known);
  const span = Math.max(...known) - least;
  const perTone = Math.max(1, Math.ceil(value.length / MAX_TONES));
  const tones: Tone[] = [];
  for (let from = 0; from < value.length; from += perTone) {
    let loudest: { readonly value: number; readonly outside: number } | null = null;
    for (let i = from; i < Math.min(value.length, from + perTone); i++) {
      const one = value[i] ?? null;
      if (one === null) continue;
      const outside = Math.max(0, one - (upper[i] ?? one), (lower[i] ?? one) - one);
      if (loudest === null || outside > loudest.outside) loudest = { value: one, outside };
    }
    if (loudest === null) continue;
    tones.push({
      atSeconds: (from / value.length) * SECONDS,
      hertz: LOWEST_HERTZ * 2 ** (span === 0 ? OCTAVES / 2 : (OCTAVES * (loudest.value - least)) / span),
      loudness: loudest.outside > 0 ? OUTSIDE_LOUDNESS : CALM_LOUDNESS,
    });
  }
  return tones;
}

/** Plays one chart at a time; the same key stops it. */
class ChartSound {
  #context: AudioContext | null = null;

  /** What to say: what is played, or why nothing is. */
  toggle(heard: Heard): string {
    if (this.#context !== null) {
      this.#stop(this.#context);
      return 'Sound stopped';
    }
    const tones = tonesOf(heard);
    const last = tones.at(-1);
    if (last === undefined) return 'There is nothing to hear: no data';
    const context = new AudioContext();
    this.#context = context;
    const toneSeconds = Math.min(0.2, SECONDS / MAX_TONES);
    for (const { atSeconds, hertz, loudness } of tones) {
      const oscillator = new OscillatorNode(context, { type: 'sine', frequency: hertz });
      const gain = new GainNode(context, { gain: 0 });
      oscillator.connect(gain).connect(context.destination);
      const start = context.currentTime + 0.05 + atSeconds;
      // Faded in and out within 10 ms: a tone that is cut off clicks.
      gain.gain.setValueAtTime(0, start);
      gain.gain.linearRampToValueAtTime(loudness, start + 0.01);
      gain.gain.setValueAtTime(loudness, start + toneSeconds - 0.01);
      gain.gain.linearRampToValueAtTime(0, start + toneSeconds);
      oscillator.start(start);
      oscillator.stop(start + toneSeconds);
      if (atSeconds === last.atSeconds) oscillator.addEventListener('ended', () => this.#stop(context));
    }
    return 'Playing the chart: higher is more, louder is outside the band';
  }

  #stop(context: AudioContext): void {
    if (this.#context !== context) return;
    this.#context = null;
    void context.close();
  }
}

export const chartSound = new ChartSound();
