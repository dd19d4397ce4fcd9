import { DateTime } from 'luxon';

/** What a person typed into a `datetime-local` field, as an instant; or why it is none, in words. */
export type LocalTime = { instant: string } | { fault: string };

const LOCAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/;

/**
 * @param text `2026-03-29T02:30`, as browsers send it
 * @param zone IANA, of whoever typed it
 */
export function localTime(text: string, zone: string): LocalTime {
  if (!LOCAL.test(text)) return { fault: 'Give day and time as 2026-02-10T14:30.' };
  const at = DateTime.fromISO(text, { zone });
  if (!at.isValid) return { fault: `There is no such time: ${text}.` };
  // Luxon moves a time that the clocks leap over to one that there is.
  const written = at.toFormat("yyyy-MM-dd'T'HH:mm:ss");
  if (written !== (text.length === 16 ? `${text}:00` : text)) {
    return {
      fault: `At ${text.slice(11, 16)} on ${text.slice(0, 10)} the clocks in ${zone} are put forward: there is no such time.`,
    };
  }
  if (at.getPossibleOffsets().length > 1) {
    return {
      fault: `At ${text.slice(11, 16)} on ${text.slice(0, 10)} the clocks in ${zone} are put back: that time comes twice. Choose another.`,
    };
  }
  const utc = at.toUTC().toISO({ suppressMilliseconds: true });
  return utc === null ? { fault: `There is no such time: ${text}.` } : { instant: utc };
}
