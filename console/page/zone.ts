/** Finding out whether there is such a zone costs some 50 µs. Bounded, because names come from outside. */
const formatters = new Map<string, Intl.DateTimeFormat | undefined>();
const MAX_KNOWN = 1000;
/** The longest of IANA's names has 32 characters. */
const NAME = /^[A-Za-z][\w+/-]{1,63}$/;

/** Whether instants can be shown in it: an IANA name such as `America/Chicago`. */
export function isTimeZone(name: string): boolean {
  return zoneFormatter(name) !== undefined;
}

/** Shows day, month, year and minute in that zone; undefined when there is no such zone. */
export function zoneFormatter(name: string): Intl.DateTimeFormat | undefined {
  if (formatters.has(name)) return formatters.get(name);
  const made = NAME.test(name) ? formatterFor(name) : undefined;
  if (formatters.size < MAX_KNOWN && name.length <= 64) formatters.set(name, made);
  return made;
}

function formatterFor(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return formatter(timeZone);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * A zone as a clock's face would say it at that instant: `EST`, `CET`, `GMT+5:30`. English has letters for few zones, and
 * British and American English for different ones.
 *
 * @param zone IANA; one that there is
 */
export function zoneAbbreviation(at: Date, zone: string): string {
  const said = ['en-US', 'en-GB'].map((locale) => {
    const parts = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: 'short' }).formatToParts(at);
    return parts.find(({ type }) => type === 'timeZoneName')?.value ?? zone;
  });
  return said.find((name) => /^[A-Z]+$/.test(name)) ?? said[0] ?? zone;
}

function formatter(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'medium', timeStyle: 'short' });
}

export const UTC_FORMATTER = formatter('UTC');
