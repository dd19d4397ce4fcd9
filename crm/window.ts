import { CrmError, type WonDealsQuery } from './port.ts';

/** What a list is asked for: from `after` on, and before `before`. */
export interface Window {
  after: Date;
  before: Date;
}

/** Years that every CRM can write as four digits. Salesforce's own dates go from 1700 to 4000. */
const YEARS = { first: 1700, last: 3999 };

/**
 * The query's window as dates, which are the only part of it that goes into a CRM's own query language.
 *
 * @returns undefined for a window without length: nothing can be in it, so nobody need be asked
 * @throws CrmError `configuration` when an end is no instant or in no year that a CRM knows
 */
export function windowOf({ after, before }: Pick<WonDealsQuery, 'after' | 'before'>): Window | undefined {
  const window = { after: instant(after, 'after'), before: instant(before, 'before') };
  return window.after < window.before ? window : undefined;
}

/** Whether an instant is in the window; one that cannot be read is not. */
export function isWithin({ after, before }: Window, at: string | undefined): boolean {
  const time = at === undefined ? Number.NaN : Date.parse(at);
  return time >= after.getTime() && time < before.getTime();
}

const SECOND_MS = 1_000;

/**
 * The window in whole seconds, none of it lost: CRMs' query languages are documented with seconds, and Pipedrive refuses
 * fractions of them.
 */
export function inSeconds({ after, before }: Window): { after: string; before: string } {
  return {
    after: seconds(Math.floor(after.getTime() / SECOND_MS)),
    before: seconds(Math.ceil(before.getTime() / SECOND_MS)),
  };
}

function seconds(count: number): string {
  return `${new Date(count * SECOND_MS).toISOString().slice(0, 19)}Z`;
}

function instant(text: string, name: string): Date {
  const date = new Date(text);
  const year = date.getUTCFullYear();
  // NaN is in no range.
  if (!(year >= YEARS.first && year <= YEARS.last)) {
    throw new CrmError(
      'configuration',
      `${JSON.stringify(text.slice(0, 40))} is no instant to list deals ${name}: give one such as 2026-01-31T00:00:00Z.`,
    );
  }
  return date;
}
