import { z } from 'zod';

/** Something in the address that cannot be meant. The page answers 400 with the message. */
export class BadAddress extends Error {
  override readonly name = 'BadAddress';
  readonly code = 'bad_address';
}

/** A path with the given filters; those without a value are left out. */
export function addressOf(path: string, query: Record<string, string | undefined>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => (entry[1] ?? '') !== '');
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

/** A day in an address, `2026-02-10`: of years that every calendar and the database know, a day and a zone earlier or later. */
export const isoDay = z.iso.date().regex(/^[12]/);
