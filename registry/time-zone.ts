import { IANAZone } from 'luxon';

/** Looking one up costs some 50 µs, and a registry's people live in few zones. Bounded, because names come from outside. */
const known = new Map<string, boolean>();
const MAX_KNOWN = 1000;

/** Whether SkipUp and we can compute with it: an IANA name such as `America/Chicago`. */
export function isTimeZone(name: string): boolean {
  const cached = known.get(name);
  if (cached !== undefined) return cached;
  const valid = IANAZone.isValidZone(name);
  if (known.size < MAX_KNOWN && name.length <= 64) known.set(name, valid);
  return valid;
}

/** The first of `names` that is a time zone. */
export function firstTimeZone(...names: (string | undefined)[]): string | undefined {
  return names.find((name) => name !== undefined && isTimeZone(name));
}
