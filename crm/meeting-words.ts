/** Characters of a title: it stands in a sentence. */
const MAX_TITLE = 120;

/**
 * A meeting in words, for people: `"Demo call" on 2026-02-12T15:00:00.000Z (HubSpot)`.
 *
 * @param title the CRM's, whatever it holds
 * @param at ISO 8601, where it is known
 */
export function meetingInWords(title: string | null | undefined, at: string | undefined, system: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a title may hold what would break a line of the log.
  const words = (title ?? '').replace(/[\u0000-\u001f\u007f"]+/g, ' ').trim();
  const name = words === '' ? 'a meeting' : `"${[...words].slice(0, MAX_TITLE).join('')}"`;
  return `${name}${at === undefined ? '' : ` on ${at}`} (${system})`;
}
