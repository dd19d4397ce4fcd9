/** ISO 8601 weekdays: 1 is Monday. */
const SATURDAY_AND_SUNDAY = [6, 7];

/** Where offices close on other days. Source: Unicode CLDR 45, weekendStart and weekendEnd. */
const FRIDAY_AND_SATURDAY = [5, 6];
const WEEKENDS = new Map<string, readonly number[]>([
  ...['BH', 'DZ', 'EG', 'IL', 'IQ', 'JO', 'KW', 'LY', 'OM', 'QA', 'SA', 'SD', 'SY', 'YE'].map(
    (country): [string, readonly number[]] => [country, FRIDAY_AND_SATURDAY],
  ),
  ['AF', [4, 5]],
  ['IR', [5]],
]);

const DAY_MS = 86_400_000;

/** Days on which people work in every one of these countries: neither a weekend nor a public or bank holiday in any. */
export type IsWorkingDay = (day: string) => boolean;

/**
 * The working days that several countries have in common.
 *
 * @param countries ISO 3166-1 alpha-2 or ISO 3166-2 (`DE`, `US-CA`); those that are not known are left out
 * @returns undefined when none is known: nothing can be said then
 */
export async function workingDaysOf(countries: readonly (string | undefined)[]): Promise<IsWorkingDay | undefined> {
  const known = [...new Set(countries.filter((country) => country !== undefined))];
  if (known.length === 0) return undefined;
  // Only who counts in working days pays for a megabyte of holidays.
  const { default: Holidays } = await import('date-holidays');
  const calendars = known.map((code) => {
    const [country = '', part] = code.split('-');
    const options = { types: ['public' as const, 'bank' as const] };
    const holidays = part === undefined ? new Holidays(country, options) : new Holidays(country, part, options);
    const byYear = new Map<number, Set<string>>();
    return {
      weekend: WEEKENDS.get(country) ?? SATURDAY_AND_SUNDAY,
      holidaysOf(year: number): Set<string> {
        const days = byYear.get(year) ?? new Set(holidays.getHolidays(year).flatMap(daysOf));
        byYear.set(year, days);
        return days;
      },
    };
  });
  return (day) => {
    const date = new Date(`${day}T00:00:00Z`);
    const weekday = date.getUTCDay() === 0 ? 7 : date.getUTCDay();
    const year = date.getUTCFullYear();
    return calendars.every(
      // A holiday that begins on New Year's Eve belongs to the year before.
      ({ weekend, holidaysOf }) =>
        !weekend.includes(weekday) && !holidaysOf(year).has(day) && !holidaysOf(year - 1).has(day),
    );
  };
}

/**
 * The days that a kickoff's window counts: working days of the account's country and of ours, where one of them is known
 * and the policy wants it so; undefined: every day.
 *
 * @param window a kickoff that began before there were working days has neither option
 */
export async function countedDays(
  window: { workingDays?: boolean; country?: string },
  accountCountry: string | undefined,
): Promise<IsWorkingDay | undefined> {
  return window.workingDays === true ? await workingDaysOf([accountCountry, window.country]) : undefined;
}

/** The days of a holiday where it is kept; half a day is a working day. */
function daysOf(holiday: { date: string; start: Date; end: Date }): string[] {
  const count = Math.floor((holiday.end.getTime() - holiday.start.getTime()) / DAY_MS + 0.1);
  const first = Date.parse(`${holiday.date.slice(0, 10)}T00:00:00Z`);
  return Array.from({ length: count }, (_, day) => new Date(first + day * DAY_MS).toISOString().slice(0, 10));
}
