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

function formatter(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'medium', timeStyle: 'short' });
}

export const UTC_FORMATTER = formatter('UTC');
