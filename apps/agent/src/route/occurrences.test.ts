import type { MaintenanceWindow, Occurrence } from '@sentinellog/shared';
import { MaintenanceWindowSchema } from '@sentinellog/shared';
import { assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { occurrences } from './occurrences.ts';
import { aWindow } from './testing/routing-builders.ts';

type When = Partial<
  Pick<
    MaintenanceWindow,
    'time_zone' | 'from_date' | 'until_date' | 'starts' | 'ends' | 'plus_days' | 'repeats' | 'skip'
  >
>;

/**
 * What is expected was worked out by other code: python-dateutil's recurrences and the zone data of Python's zoneinfo.
 * Name, window, from when, starts and ends in UTC, how many were asked for.
 */
const CASES: readonly (readonly [string, When, string, readonly string[], number])[] = [
  [
    'once, in winter',
    { time_zone: 'Europe/Berlin', from_date: '2026-01-10', starts: '10:00', ends: '12:00', repeats: { every: 'once' } },
    '2026-01-01T00:00Z',
    ['2026-01-10T09:00Z/2026-01-10T11:00Z'],
    3,
  ],
  [
    'once, while it goes on',
    { time_zone: 'Europe/Berlin', from_date: '2026-01-10', starts: '10:00', ends: '12:00', repeats: { every: 'once' } },
    '2026-01-10T10:30Z',
    ['2026-01-10T09:00Z/2026-01-10T11:00Z'],
    3,
  ],
  [
    'once, over',
    { time_zone: 'Europe/Berlin', from_date: '2026-01-10', starts: '10:00', ends: '12:00', repeats: { every: 'once' } },
    '2026-01-10T11:00Z',
    [],
    3,
  ],
  [
    'once, over midnight',
    { time_zone: 'Europe/Berlin', from_date: '2026-01-10', starts: '22:00', ends: '06:00', repeats: { every: 'once' } },
    '2026-01-11T03:00Z',
    ['2026-01-10T21:00Z/2026-01-11T05:00Z'],
    3,
  ],
  [
    'once, over a weekend',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-01-09',
      starts: '18:00',
      ends: '06:00',
      repeats: { every: 'once' },
      plus_days: 2,
    },
    '2026-01-01T00:00Z',
    ['2026-01-09T17:00Z/2026-01-12T05:00Z'],
    3,
  ],
  [
    'from midnight to midnight is a day',
    { time_zone: 'Europe/Berlin', from_date: '2026-01-10', starts: '00:00', ends: '00:00', repeats: { every: 'once' } },
    '2026-01-01T00:00Z',
    ['2026-01-09T23:00Z/2026-01-10T23:00Z'],
    3,
  ],
  [
    'until 24:00',
    { time_zone: 'Europe/Berlin', from_date: '2026-01-10', starts: '20:00', ends: '24:00', repeats: { every: 'once' } },
    '2026-01-01T00:00Z',
    ['2026-01-10T19:00Z/2026-01-10T23:00Z'],
    3,
  ],
  [
    'starting in the hour that spring skips',
    { time_zone: 'Europe/Berlin', from_date: '2026-03-29', starts: '02:30', ends: '04:00', repeats: { every: 'once' } },
    '2026-03-28T00:00Z',
    ['2026-03-29T01:00Z/2026-03-29T02:00Z'],
    3,
  ],
  [
    'ending in the hour that spring skips',
    { time_zone: 'Europe/Berlin', from_date: '2026-03-29', starts: '01:00', ends: '02:30', repeats: { every: 'once' } },
    '2026-03-28T00:00Z',
    ['2026-03-29T00:00Z/2026-03-29T01:00Z'],
    3,
  ],
  [
    'wholly in the hour that spring skips: not at all',
    { time_zone: 'Europe/Berlin', from_date: '2026-03-29', starts: '02:10', ends: '02:50', repeats: { every: 'once' } },
    '2026-03-28T00:00Z',
    [],
    3,
  ],
  [
    'exactly the hour that spring skips: not at all',
    { time_zone: 'Europe/Berlin', from_date: '2026-03-29', starts: '02:00', ends: '03:00', repeats: { every: 'once' } },
    '2026-03-28T00:00Z',
    [],
    3,
  ],
  [
    'over the spring night: an hour less',
    { time_zone: 'Europe/Berlin', from_date: '2026-03-28', starts: '22:00', ends: '06:00', repeats: { every: 'once' } },
    '2026-03-28T00:00Z',
    ['2026-03-28T21:00Z/2026-03-29T04:00Z'],
    3,
  ],
  [
    'starting in the hour that autumn repeats: its first pass',
    { time_zone: 'Europe/Berlin', from_date: '2026-10-25', starts: '02:30', ends: '04:00', repeats: { every: 'once' } },
    '2026-10-24T00:00Z',
    ['2026-10-25T00:30Z/2026-10-25T03:00Z'],
    3,
  ],
  [
    'ending in the hour that autumn repeats: its last pass',
    { time_zone: 'Europe/Berlin', from_date: '2026-10-25', starts: '01:00', ends: '02:30', repeats: { every: 'once' } },
    '2026-10-24T00:00Z',
    ['2026-10-24T23:00Z/2026-10-25T01:30Z'],
    3,
  ],
  [
    'wholly in the hour that autumn repeats: both passes',
    { time_zone: 'Europe/Berlin', from_date: '2026-10-25', starts: '02:10', ends: '02:50', repeats: { every: 'once' } },
    '2026-10-24T00:00Z',
    ['2026-10-25T00:10Z/2026-10-25T01:50Z'],
    3,
  ],
  [
    'over the autumn night: an hour more',
    { time_zone: 'Europe/Berlin', from_date: '2026-10-24', starts: '22:00', ends: '06:00', repeats: { every: 'once' } },
    '2026-10-24T00:00Z',
    ['2026-10-24T20:00Z/2026-10-25T05:00Z'],
    3,
  ],
  [
    'daily keeps the wall clock over spring',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-03-01',
      starts: '04:00',
      ends: '05:00',
      repeats: { every: 'day', interval: 1 },
    },
    '2026-03-28T00:00Z',
    [
      '2026-03-28T03:00Z/2026-03-28T04:00Z',
      '2026-03-29T02:00Z/2026-03-29T03:00Z',
      '2026-03-30T02:00Z/2026-03-30T03:00Z',
    ],
    3,
  ],
  [
    'daily keeps the wall clock over autumn',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-03-01',
      starts: '04:00',
      ends: '05:00',
      repeats: { every: 'day', interval: 1 },
    },
    '2026-10-24T00:00Z',
    [
      '2026-10-24T02:00Z/2026-10-24T03:00Z',
      '2026-10-25T03:00Z/2026-10-25T04:00Z',
      '2026-10-26T03:00Z/2026-10-26T04:00Z',
    ],
    3,
  ],
  [
    'daily in the hour that spring skips leaves that night out',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-03-01',
      starts: '02:10',
      ends: '02:40',
      repeats: { every: 'day', interval: 1 },
    },
    '2026-03-28T00:00Z',
    [
      '2026-03-28T01:10Z/2026-03-28T01:40Z',
      '2026-03-30T00:10Z/2026-03-30T00:40Z',
      '2026-03-31T00:10Z/2026-03-31T00:40Z',
    ],
    3,
  ],
  [
    'every other day counts from its first day',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-01-01',
      starts: '10:00',
      ends: '11:00',
      repeats: { every: 'day', interval: 2 },
    },
    '2026-01-02T00:00Z',
    [
      '2026-01-03T09:00Z/2026-01-03T10:00Z',
      '2026-01-05T09:00Z/2026-01-05T10:00Z',
      '2026-01-07T09:00Z/2026-01-07T10:00Z',
    ],
    3,
  ],
  [
    'every third day over the end of February',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-02-24',
      starts: '10:00',
      ends: '11:00',
      repeats: { every: 'day', interval: 3 },
    },
    '2026-02-24T00:00Z',
    [
      '2026-02-24T09:00Z/2026-02-24T10:00Z',
      '2026-02-27T09:00Z/2026-02-27T10:00Z',
      '2026-03-02T09:00Z/2026-03-02T10:00Z',
    ],
    3,
  ],
  [
    'daily until a last day',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-01-01',
      starts: '22:00',
      ends: '02:00',
      repeats: { every: 'day', interval: 1 },
      until_date: '2026-01-03',
    },
    '2026-01-02T12:00Z',
    ['2026-01-02T21:00Z/2026-01-03T01:00Z', '2026-01-03T21:00Z/2026-01-04T01:00Z'],
    3,
  ],
  [
    'daily but not on two days',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-12-23',
      starts: '10:00',
      ends: '11:00',
      repeats: { every: 'day', interval: 1 },
      skip: ['2026-12-24', '2026-12-25'],
    },
    '2026-12-23T00:00Z',
    [
      '2026-12-23T09:00Z/2026-12-23T10:00Z',
      '2026-12-26T09:00Z/2026-12-26T10:00Z',
      '2026-12-27T09:00Z/2026-12-27T10:00Z',
    ],
    3,
  ],
  [
    'not before its first day',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-06-01',
      starts: '10:00',
      ends: '11:00',
      repeats: { every: 'day', interval: 1 },
    },
    '2026-01-01T00:00Z',
    ['2026-06-01T08:00Z/2026-06-01T09:00Z'],
    1,
  ],
  [
    'the first of three may be yesterday’s, over midnight',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-01-01',
      starts: '23:00',
      ends: '01:00',
      repeats: { every: 'day', interval: 1 },
    },
    '2026-01-05T23:30Z',
    [
      '2026-01-05T22:00Z/2026-01-06T00:00Z',
      '2026-01-06T22:00Z/2026-01-07T00:00Z',
      '2026-01-07T22:00Z/2026-01-08T00:00Z',
    ],
    3,
  ],
  [
    'Sundays over spring',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-03-01',
      starts: '01:30',
      ends: '03:30',
      repeats: { every: 'week', days: ['sun'], interval: 1 },
    },
    '2026-03-22T00:00Z',
    [
      '2026-03-22T00:30Z/2026-03-22T02:30Z',
      '2026-03-29T00:30Z/2026-03-29T01:30Z',
      '2026-04-04T23:30Z/2026-04-05T01:30Z',
    ],
    3,
  ],
  [
    'Sundays over autumn',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-10-01',
      starts: '01:30',
      ends: '03:30',
      repeats: { every: 'week', days: ['sun'], interval: 1 },
    },
    '2026-10-18T00:00Z',
    [
      '2026-10-17T23:30Z/2026-10-18T01:30Z',
      '2026-10-24T23:30Z/2026-10-25T02:30Z',
      '2026-11-01T00:30Z/2026-11-01T02:30Z',
    ],
    3,
  ],
  [
    'Monday and Thursday',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-01-01',
      starts: '10:00',
      ends: '11:00',
      repeats: { every: 'week', days: ['mon', 'thu'], interval: 1 },
    },
    '2026-01-01T12:00Z',
    [
      '2026-01-05T09:00Z/2026-01-05T10:00Z',
      '2026-01-08T09:00Z/2026-01-08T10:00Z',
      '2026-01-12T09:00Z/2026-01-12T10:00Z',
    ],
    3,
  ],
  [
    'every other week counts weeks from Monday',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-01-07',
      starts: '10:00',
      ends: '11:00',
      repeats: { every: 'week', days: ['mon', 'wed'], interval: 2 },
    },
    '2026-01-01T00:00Z',
    [
      '2026-01-07T09:00Z/2026-01-07T10:00Z',
      '2026-01-19T09:00Z/2026-01-19T10:00Z',
      '2026-01-21T09:00Z/2026-01-21T10:00Z',
    ],
    3,
  ],
  [
    'every other Sunday, begun on a Sunday',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-01-04',
      starts: '10:00',
      ends: '11:00',
      repeats: { every: 'week', days: ['sun'], interval: 2 },
    },
    '2026-01-01T00:00Z',
    [
      '2026-01-04T09:00Z/2026-01-04T10:00Z',
      '2026-01-18T09:00Z/2026-01-18T10:00Z',
      '2026-02-01T09:00Z/2026-02-01T10:00Z',
    ],
    3,
  ],
  [
    'Saturday night to Sunday',
    {
      time_zone: 'America/New_York',
      from_date: '2026-01-01',
      starts: '23:00',
      ends: '03:00',
      repeats: { every: 'week', days: ['sat'], interval: 1 },
    },
    '2026-03-07T00:00Z',
    ['2026-03-08T04:00Z/2026-03-08T07:00Z', '2026-03-15T03:00Z/2026-03-15T07:00Z'],
    2,
  ],
  [
    'New York springs on another day than Berlin',
    {
      time_zone: 'America/New_York',
      from_date: '2026-03-01',
      starts: '03:00',
      ends: '04:00',
      repeats: { every: 'day', interval: 1 },
    },
    '2026-03-07T12:00Z',
    ['2026-03-08T07:00Z/2026-03-08T08:00Z', '2026-03-09T07:00Z/2026-03-09T08:00Z'],
    2,
  ],
  [
    'New York, the night that falls back',
    {
      time_zone: 'America/New_York',
      from_date: '2026-11-01',
      starts: '00:30',
      ends: '01:30',
      repeats: { every: 'once' },
    },
    '2026-10-31T00:00Z',
    ['2026-11-01T04:30Z/2026-11-01T06:30Z'],
    1,
  ],
  [
    'New York, ending within the repeated hour',
    {
      time_zone: 'America/New_York',
      from_date: '2026-10-31',
      starts: '22:00',
      ends: '01:15',
      repeats: { every: 'once' },
    },
    '2026-10-31T00:00Z',
    ['2026-11-01T02:00Z/2026-11-01T06:15Z'],
    1,
  ],
  [
    'the 15th of each month',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-01-01',
      starts: '10:00',
      ends: '11:00',
      repeats: { every: 'month_day', day: 15, interval: 1 },
    },
    '2026-02-20T00:00Z',
    [
      '2026-03-15T09:00Z/2026-03-15T10:00Z',
      '2026-04-15T08:00Z/2026-04-15T09:00Z',
      '2026-05-15T08:00Z/2026-05-15T09:00Z',
    ],
    3,
  ],
  [
    'the 31st leaves short months out',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-01-01',
      starts: '10:00',
      ends: '11:00',
      repeats: { every: 'month_day', day: 31, interval: 1 },
    },
    '2026-02-01T00:00Z',
    [
      '2026-03-31T08:00Z/2026-03-31T09:00Z',
      '2026-05-31T08:00Z/2026-05-31T09:00Z',
      '2026-07-31T08:00Z/2026-07-31T09:00Z',
    ],
    3,
  ],
  [
    'the last day of each month',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-01-01',
      starts: '10:00',
      ends: '11:00',
      repeats: { every: 'month_day', day: -1, interval: 1 },
    },
    '2026-02-01T00:00Z',
    [
      '2026-02-28T09:00Z/2026-02-28T10:00Z',
      '2026-03-31T08:00Z/2026-03-31T09:00Z',
      '2026-04-30T08:00Z/2026-04-30T09:00Z',
    ],
    3,
  ],
  [
    'the last day of February in a leap year',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2028-02-01',
      starts: '10:00',
      ends: '11:00',
      repeats: { every: 'month_day', day: -1, interval: 12 },
    },
    '2028-01-01T00:00Z',
    ['2028-02-29T09:00Z/2028-02-29T10:00Z', '2029-02-28T09:00Z/2029-02-28T10:00Z'],
    2,
  ],
  [
    '29 February comes every four years',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2028-02-29',
      starts: '10:00',
      ends: '11:00',
      repeats: { every: 'month_day', day: 29, interval: 12 },
    },
    '2028-03-01T00:00Z',
    ['2032-02-29T09:00Z/2032-02-29T10:00Z'],
    1,
  ],
  [
    'every third month from its first',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-02-10',
      starts: '10:00',
      ends: '11:00',
      repeats: { every: 'month_day', day: 10, interval: 3 },
    },
    '2026-02-11T00:00Z',
    [
      '2026-05-10T08:00Z/2026-05-10T09:00Z',
      '2026-08-10T08:00Z/2026-08-10T09:00Z',
      '2026-11-10T09:00Z/2026-11-10T10:00Z',
    ],
    3,
  ],
  [
    'the second Tuesday',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-01-01',
      starts: '22:00',
      ends: '02:00',
      repeats: { every: 'month_weekday', nth: 2, weekday: 'tue', interval: 1 },
    },
    '2026-02-01T00:00Z',
    [
      '2026-02-10T21:00Z/2026-02-11T01:00Z',
      '2026-03-10T21:00Z/2026-03-11T01:00Z',
      '2026-04-14T20:00Z/2026-04-15T00:00Z',
    ],
    3,
  ],
  [
    'the first Sunday, when it is the 1st',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-02-01',
      starts: '10:00',
      ends: '11:00',
      repeats: { every: 'month_weekday', nth: 1, weekday: 'sun', interval: 1 },
    },
    '2026-01-01T00:00Z',
    [
      '2026-02-01T09:00Z/2026-02-01T10:00Z',
      '2026-03-01T09:00Z/2026-03-01T10:00Z',
      '2026-04-05T08:00Z/2026-04-05T09:00Z',
    ],
    3,
  ],
  [
    'the last Sunday of March is the night that skips',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-01-01',
      starts: '02:30',
      ends: '03:30',
      repeats: { every: 'month_weekday', nth: -1, weekday: 'sun', interval: 1 },
    },
    '2026-03-01T00:00Z',
    ['2026-03-29T01:00Z/2026-03-29T01:30Z', '2026-04-26T00:30Z/2026-04-26T01:30Z'],
    2,
  ],
  [
    'the last Sunday of October is the night that repeats',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-01-01',
      starts: '02:30',
      ends: '03:30',
      repeats: { every: 'month_weekday', nth: -1, weekday: 'sun', interval: 1 },
    },
    '2026-10-01T00:00Z',
    ['2026-10-25T00:30Z/2026-10-25T02:30Z', '2026-11-29T01:30Z/2026-11-29T02:30Z'],
    2,
  ],
  [
    'the fourth Friday is not the last in a month of five',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-01-01',
      starts: '10:00',
      ends: '11:00',
      repeats: { every: 'month_weekday', nth: 4, weekday: 'fri', interval: 1 },
    },
    '2026-01-01T00:00Z',
    ['2026-01-23T09:00Z/2026-01-23T10:00Z', '2026-02-27T09:00Z/2026-02-27T10:00Z'],
    2,
  ],
  [
    'the last Friday in a month of five',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-01-01',
      starts: '10:00',
      ends: '11:00',
      repeats: { every: 'month_weekday', nth: -1, weekday: 'fri', interval: 1 },
    },
    '2026-01-01T00:00Z',
    ['2026-01-30T09:00Z/2026-01-30T10:00Z', '2026-02-27T09:00Z/2026-02-27T10:00Z'],
    2,
  ],
  [
    'every other month, on its third Thursday',
    {
      time_zone: 'Europe/Berlin',
      from_date: '2026-01-01',
      starts: '10:00',
      ends: '11:00',
      repeats: { every: 'month_weekday', nth: 3, weekday: 'thu', interval: 2 },
    },
    '2026-01-16T00:00Z',
    [
      '2026-03-19T09:00Z/2026-03-19T10:00Z',
      '2026-05-21T08:00Z/2026-05-21T09:00Z',
      '2026-07-16T08:00Z/2026-07-16T09:00Z',
    ],
    3,
  ],
  [
    'Santiago skips midnight itself',
    {
      time_zone: 'America/Santiago',
      from_date: '2026-09-05',
      starts: '23:30',
      ends: '00:30',
      repeats: { every: 'day', interval: 1 },
    },
    '2026-09-05T12:00Z',
    ['2026-09-06T03:30Z/2026-09-06T04:00Z', '2026-09-07T02:30Z/2026-09-07T03:30Z'],
    2,
  ],
  [
    'Santiago, a day that begins at one o’clock',
    {
      time_zone: 'America/Santiago',
      from_date: '2026-09-06',
      starts: '00:00',
      ends: '08:00',
      repeats: { every: 'once' },
    },
    '2026-09-01T00:00Z',
    ['2026-09-06T04:00Z/2026-09-06T11:00Z'],
    1,
  ],
  [
    'Lord Howe moves by half an hour in spring',
    {
      time_zone: 'Australia/Lord_Howe',
      from_date: '2026-10-04',
      starts: '01:00',
      ends: '03:00',
      repeats: { every: 'once' },
    },
    '2026-10-01T00:00Z',
    ['2026-10-03T14:30Z/2026-10-03T16:00Z'],
    1,
  ],
  [
    'Lord Howe moves by half an hour in autumn',
    {
      time_zone: 'Australia/Lord_Howe',
      from_date: '2026-04-05',
      starts: '01:45',
      ends: '02:15',
      repeats: { every: 'once' },
    },
    '2026-04-01T00:00Z',
    ['2026-04-04T14:45Z/2026-04-04T15:45Z'],
    1,
  ],
  [
    'Kolkata has half hours and no summer time',
    {
      time_zone: 'Asia/Kolkata',
      from_date: '2026-03-01',
      starts: '02:00',
      ends: '03:00',
      repeats: { every: 'day', interval: 1 },
    },
    '2026-03-28T00:00Z',
    ['2026-03-28T20:30Z/2026-03-28T21:30Z', '2026-03-29T20:30Z/2026-03-29T21:30Z'],
    2,
  ],
  [
    'St John’s, three and a half hours behind',
    {
      time_zone: 'America/St_Johns',
      from_date: '2026-03-08',
      starts: '01:30',
      ends: '04:00',
      repeats: { every: 'once' },
    },
    '2026-03-01T00:00Z',
    ['2026-03-08T05:00Z/2026-03-08T06:30Z'],
    1,
  ],
  [
    'Auckland, a day ahead of UTC',
    {
      time_zone: 'Pacific/Auckland',
      from_date: '2026-04-05',
      starts: '01:00',
      ends: '04:00',
      repeats: { every: 'once' },
    },
    '2026-04-01T00:00Z',
    ['2026-04-04T12:00Z/2026-04-04T16:00Z'],
    1,
  ],
  [
    'Sydney, where October is spring',
    {
      time_zone: 'Australia/Sydney',
      from_date: '2026-10-03',
      starts: '22:00',
      ends: '06:00',
      repeats: { every: 'once' },
    },
    '2026-10-01T00:00Z',
    ['2026-10-03T12:00Z/2026-10-03T19:00Z'],
    1,
  ],
  [
    'UTC never moves',
    {
      time_zone: 'UTC',
      from_date: '2026-03-29',
      starts: '02:00',
      ends: '03:00',
      repeats: { every: 'day', interval: 1 },
    },
    '2026-03-29T00:00Z',
    ['2026-03-29T02:00Z/2026-03-29T03:00Z', '2026-03-30T02:00Z/2026-03-30T03:00Z'],
    2,
  ],
];

const minute = (ms: number) => new Date(ms).toISOString().replace(':00.000Z', 'Z');
const shown = (each: Occurrence) => `${minute(each.starts_at_ms)}/${minute(each.ends_at_ms)}`;

describe('occurrences of a maintenance window', () => {
  it.each(CASES)('%s', (_name, when, from, expected, limit) => {
    const window = MaintenanceWindowSchema.parse(aWindow(when));
    expect(occurrences(window, Date.parse(from), limit).map(shown)).toEqual(expected);
  });

  it('are looked for eight years ahead at most', () => {
    const never = aWindow({ from_date: '2026-02-01', repeats: { every: 'month_day', interval: 12, day: 30 } });
    expect(occurrences(never, Date.UTC(2026, 0, 1), 3)).toEqual([]);
  });

  const zones = constantFrom(
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kolkata',
    'America/Santiago',
    'UTC',
  );
  const clockTime = integer({ min: 0, max: 1439 }).map(
    (at) => `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`,
  );

  it('follow each other whatever the zone: the next after one has ended is the one that was foretold', () => {
    assert(
      property(zones, clockTime, clockTime, integer({ min: 0, max: 365 }), (time_zone, starts, ends, day) => {
        const window = aWindow({
          time_zone,
          starts,
          ends,
          from_date: '2026-01-01',
          repeats: { every: 'day', interval: 2 },
        });
        const all = occurrences(window, Date.UTC(2026, 0, 1 + day), 4);
        expect(all).toHaveLength(4);
        for (const [index, { starts_at_ms, ends_at_ms }] of all.entries()) {
          expect(ends_at_ms).toBeGreaterThan(starts_at_ms);
          const next = all[index + 1];
          if (next === undefined) continue;
          expect(next.starts_at_ms).toBeGreaterThanOrEqual(ends_at_ms);
          expect(occurrences(window, ends_at_ms, 1)).toEqual([next]);
        }
      }),
      { numRuns: 200 },
    );
  });
});
