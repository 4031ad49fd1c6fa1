const HOUR = 3600;
const DAY = 24 * HOUR;
const HOURS_OF_WEEK = 168;
/** Five minutes is the finest slot of the day that is kept. */
const MOST_SLOTS = 288;

/** Where in the day and the week a bucket lies, and how far the history reaches in each. */
export interface Moment {
  readonly slot: number;
  readonly hour: number;
  readonly weekday: number;
  readonly hourOfWeek: number;
  /** Days, and weeks, of buckets seen so far, this one included; the first counts as one, and as a part. */
  readonly days: number;
  readonly weeks: number;
}

/** Turns the wall clock into slots, for buckets of one length. */
export class ValueClock {
  readonly bucketsADay: number;
  readonly bucketsAnHour: number;
  readonly slots: number;

  /** @param bucketSeconds length of a bucket */
  constructor(bucketSeconds: number) {
    this.bucketsADay = Math.max(1, DAY / bucketSeconds);
    this.bucketsAnHour = Math.max(1, HOUR / bucketSeconds);
    this.slots = Math.max(1, Math.min(MOST_SLOTS, Math.round(this.bucketsADay)));
  }

  /**
   * @param wallSecond start of the bucket on the wall clock of the source, read as if it were UTC
   * @param seen buckets so far, this one included
   */
  moment(wallSecond: number, seen: number): Moment {
    const hourOfWeek = Math.floor(wallSecond / HOUR) % HOURS_OF_WEEK;
    return {
      slot: Math.floor(((wallSecond % DAY) / DAY) * this.slots),
      hour: hourOfWeek % 24,
      weekday: Math.floor(hourOfWeek / 24),
      hourOfWeek,
      days: Math.floor((seen - 1) / this.bucketsADay) + 1,
      weeks: (seen - 1) / this.bucketsADay / 7,
    };
  }
}
