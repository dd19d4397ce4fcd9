import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { timeframeFrom } from '../../../activities/timeframe.ts';
import { countedDays, workingDaysOf } from '../../../activities/working-days.ts';

const TEN = { leadDays: 2, windowDays: 10 };
/** In the zone's own days, to the minute. */
const local = (frame: { start: string; end: string }, zone: string) =>
  [frame.start, frame.end].map((time) => DateTime.fromISO(time, { zone }).toFormat('yyyy-MM-dd HH:mm'));

describe('the window, from the close date', () => {
  const now = '2026-02-10T15:00:00Z';

  it.each([
    ['is today when the deal closed before', '2026-01-05T12:00:00Z', '2026-02-12'],
    ['is the close date when that is later', '2026-02-20T12:00:00Z', '2026-02-22'],
    ['may be a date without an hour', '2026-02-20', '2026-02-22'],
    ['is today when the close date is a slip of years', '2028-02-20', '2026-02-12'],
    ['is today when the close date is none', 'soon', '2026-02-12'],
  ])('%s', (_what, closedAt, first) => {
    const frame = timeframeFrom(now, 'UTC', TEN, { closedAt });
    expect(local(frame, 'utc')[0]).toBe(`${first} 00:00`);
  });

  it.each([
    ['is today while the meeting fits in', '2026-02-10T21:30:00Z', 60, '2026-02-10 22:30', '2026-02-10 23:59'],
    ['is tomorrow when it does not', '2026-02-10T22:30:00Z', 60, '2026-02-11 00:00', '2026-02-11 23:59'],
  ])('without lead time it %s', (_what, at, durationMinutes, first, last) => {
    const frame = timeframeFrom(at, 'Europe/Berlin', { leadDays: 0, windowDays: 1 }, { durationMinutes });
    expect(local(frame, 'Europe/Berlin')).toEqual([first, last]);
  });

  it('is moved rather than sent once it has passed', () => {
    const closedAt = '2026-02-20T12:00:00Z';
    const later = timeframeFrom('2026-06-01T08:00:00Z', 'UTC', TEN, { closedAt });
    expect(local(later, 'utc')).toEqual(['2026-06-03 00:00', '2026-06-12 23:59']);
  });
});

describe('the window in zones', () => {
  it.each([
    [
      'ends an hour earlier after the spring change',
      'America/New_York',
      '2026-03-05T15:00:00Z',
      '2026-03-07T05:00:00Z',
      '2026-03-10T03:59:59Z',
    ],
    [
      'ends an hour later after the autumn change',
      'America/New_York',
      '2026-10-29T15:00:00Z',
      '2026-10-31T04:00:00Z',
      '2026-11-03T04:59:59Z',
    ],
    [
      'ends an hour earlier in UTC after the spring change',
      'Europe/Berlin',
      '2026-03-26T15:00:00Z',
      '2026-03-27T23:00:00Z',
      '2026-03-30T21:59:59Z',
    ],
    [
      'ends an hour later in UTC after the autumn change',
      'Europe/Berlin',
      '2026-10-22T15:00:00Z',
      '2026-10-23T22:00:00Z',
      '2026-10-26T22:59:59Z',
    ],
    [
      'begins on the day of the spring change itself',
      'Europe/Berlin',
      '2026-03-27T15:00:00Z',
      '2026-03-28T23:00:00Z',
      '2026-03-31T21:59:59Z',
    ],
    [
      'follows the south’s summer',
      'Australia/Sydney',
      '2026-04-02T15:00:00Z',
      '2026-04-04T13:00:00Z',
      '2026-04-07T13:59:59Z',
    ],
    [
      'knows half hours of summer time',
      'Australia/Lord_Howe',
      '2026-04-02T15:00:00Z',
      '2026-04-04T13:00:00Z',
      '2026-04-07T13:29:59Z',
    ],
    [
      'knows half hours at the summer’s beginning, too',
      'Australia/Lord_Howe',
      '2026-10-01T15:00:00Z',
      '2026-10-03T13:30:00Z',
      '2026-10-06T12:59:59Z',
    ],
    [
      'begins at one where midnight is left out',
      'America/Sao_Paulo',
      '2018-11-02T15:00:00Z',
      '2018-11-04T03:00:00Z',
      '2018-11-07T01:59:59Z',
    ],
    [
      'ends before a midnight that is left out',
      'America/Sao_Paulo',
      '2018-10-30T15:00:00Z',
      '2018-11-01T03:00:00Z',
      '2018-11-04T02:59:59Z',
    ],
    [
      'begins once where midnight comes twice',
      'America/Sao_Paulo',
      '2018-02-15T15:00:00Z',
      '2018-02-17T02:00:00Z',
      '2018-02-20T02:59:59Z',
    ],
    [
      'begins with the first hour of a day without midnight',
      'Africa/Cairo',
      '2026-04-22T15:00:00Z',
      '2026-04-23T22:00:00Z',
      '2026-04-26T20:59:59Z',
    ],
    [
      'is a day ahead east of the date line',
      'Pacific/Kiritimati',
      '2026-02-10T15:00:00Z',
      '2026-02-12T10:00:00Z',
      '2026-02-15T09:59:59Z',
    ],
    [
      'is a day behind west of it',
      'Pacific/Pago_Pago',
      '2026-02-10T05:00:00Z',
      '2026-02-11T11:00:00Z',
      '2026-02-14T10:59:59Z',
    ],
    [
      'leaves out the day that Samoa left out',
      'Pacific/Apia',
      '2011-12-28T15:00:00Z',
      '2011-12-30T10:00:00Z',
      '2012-01-02T09:59:59Z',
    ],
    [
      'is in UTC where the zone is none',
      'Mars/Olympus',
      '2026-02-10T15:00:00Z',
      '2026-02-12T00:00:00Z',
      '2026-02-14T23:59:59Z',
    ],
  ])('%s: %s', (_what, zone, now, start, end) => {
    expect(timeframeFrom(now, zone, { leadDays: 2, windowDays: 3 })).toEqual({ start, end });
  });
});

describe('the window in working days', () => {
  const of = async (now: string, countries: string[], window = TEN, zone = 'UTC') =>
    local(timeframeFrom(now, zone, window, { isWorkingDay: await workingDaysOf(countries) }), zone);

  it('leaves out weekends', async () => {
    // A Thursday: two working days on is Monday, and ten of them end on the Friday after next.
    expect(await of('2026-02-05T15:00:00Z', ['GB'])).toEqual(['2026-02-09 00:00', '2026-02-20 23:59']);
  });

  it('leaves out public holidays of both countries', async () => {
    // Good Friday and Easter Monday in Britain; neither is kept in the United States.
    const window = { leadDays: 1, windowDays: 2 };
    expect(await of('2026-04-02T15:00:00Z', ['US'], window)).toEqual(['2026-04-03 00:00', '2026-04-06 23:59']);
    expect(await of('2026-04-02T15:00:00Z', ['US', 'GB'], window)).toEqual(['2026-04-07 00:00', '2026-04-08 23:59']);
  });

  it('leaves out a part’s own holidays', async () => {
    const isWorkingDay = await workingDaysOf(['DE-BY']);
    expect(isWorkingDay?.('2026-01-06')).toBe(false);
    expect((await workingDaysOf(['DE']))?.('2026-01-06')).toBe(true);
    expect((await workingDaysOf(['DE-BE']))?.('2026-01-06')).toBe(true);
  });

  it('knows that weekends are not the same everywhere', async () => {
    const [saudi, german, both] = await Promise.all([['SA'], ['DE'], ['SA', 'DE']].map(workingDaysOf));
    const days = ['2026-02-05', '2026-02-06', '2026-02-07', '2026-02-08', '2026-02-09'];
    expect(days.map((day) => saudi?.(day))).toEqual([true, false, false, true, true]);
    expect(days.map((day) => german?.(day))).toEqual([true, true, false, false, true]);
    expect(days.map((day) => both?.(day))).toEqual([true, false, false, false, true]);
  });

  it('takes half a holiday for a working day, and a holiday on a weekend with its substitute', async () => {
    expect((await workingDaysOf(['DE']))?.('2026-12-24')).toBe(true);
    const british = await workingDaysOf(['GB']);
    expect(['2026-12-25', '2026-12-28', '2026-12-29'].map((day) => british?.(day))).toEqual([false, false, true]);
  });

  it('begins on the next working day when it may begin today and nobody works', async () => {
    const window = { leadDays: 0, windowDays: 1 };
    expect(await of('2026-02-07T15:00:00Z', ['GB'], window)).toEqual(['2026-02-09 00:00', '2026-02-09 23:59']);
    expect(await of('2026-02-06T15:00:00Z', ['GB'], window)).toEqual(['2026-02-06 15:00', '2026-02-06 23:59']);
  });

  it('counts every day where no country is known, where it is not wanted, and for kickoffs that began before', async () => {
    expect(await workingDaysOf([undefined])).toBeUndefined();
    expect(await countedDays({ workingDays: true }, undefined)).toBeUndefined();
    expect(await countedDays({ workingDays: false, country: 'DE' }, 'FR')).toBeUndefined();
    expect(await countedDays({}, 'FR')).toBeUndefined();
    expect((await countedDays({ workingDays: true }, 'FR'))?.('2026-07-14')).toBe(false);
    expect((await countedDays({ workingDays: true, country: 'DE' }, undefined))?.('2026-10-03')).toBe(false);
  });

  it('takes a country without known holidays for its weekends', async () => {
    const isWorkingDay = await workingDaysOf(['ZZ']);
    expect(['2026-01-01', '2026-01-03'].map((day) => isWorkingDay?.(day))).toEqual([true, false]);
  });
});

describe('the window, whatever it is made from', () => {
  const zones = fc.constantFrom(
    'America/New_York',
    'Africa/Cairo',
    'Pacific/Kiritimati',
    'Pacific/Pago_Pago',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
    'America/Santiago',
    undefined,
  );
  const instants = fc
    .date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString());
  const windows = fc.record({ leadDays: fc.integer({ min: 0, max: 90 }), windowDays: fc.integer({ min: 1, max: 90 }) });

  it('never begins in the past and always ends after it begins, as the last second of a day', () => {
    fc.assert(
      fc.property(instants, zones, windows, fc.option(instants, { nil: undefined }), (now, zone, window, closedAt) => {
        const { start, end } = timeframeFrom(now, zone, window, { closedAt });
        expect(Date.parse(start)).toBeGreaterThanOrEqual(Math.floor(Date.parse(now) / 1000) * 1000);
        expect(Date.parse(end)).toBeGreaterThan(Date.parse(start));
        expect(DateTime.fromISO(end, { zone: zone ?? 'utc' }).toFormat('HH:mm:ss')).toBe('23:59:59');
      }),
    );
  });

  it('begins and ends with a working day and has as many of them as wanted', async () => {
    const isWorkingDay = await workingDaysOf(['US-CA', 'DE-BY']);
    fc.assert(
      fc.property(instants, zones, windows, (now, zone, window) => {
        const { start, end } = timeframeFrom(now, zone, window, { isWorkingDay });
        const day = (time: string) => DateTime.fromISO(time, { zone: zone ?? 'utc' }).startOf('day');
        const days: string[] = [];
        for (let at = day(start); at <= day(end); at = at.plus({ days: 1 }).startOf('day'))
          days.push(at.toISODate() ?? '');
        const working = days.filter((date) => isWorkingDay?.(date));
        expect(working).toHaveLength(window.windowDays);
        expect([working[0], working.at(-1)]).toEqual([days[0], days.at(-1)]);
      }),
      { numRuns: 50 },
    );
  });

  it('is found even in a calendar without a working day', () => {
    const { start, end } = timeframeFrom('2026-02-10T15:00:00Z', 'UTC', TEN, { isWorkingDay: () => false });
    expect(Date.parse(end)).toBeGreaterThan(Date.parse(start));
  });
});
