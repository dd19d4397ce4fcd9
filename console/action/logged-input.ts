import type { Posted } from './action.ts';

/** Every form has them; the reason has its own column. */
const OF_EVERY_FORM = new Set(['csrf', 'attempt', 'on', 'reason']);
/** A field of such a name is not written down, whether its action thought of it or not. */
const SECRET = /password|passphrase|secret|token|credential|api_?key/i;

/** A field that is longer is cut. In characters. */
const LONGEST = 5_000;

/**
 * What of a form is written to the audit log: its texts as they are, a file as its name and size.
 *
 * @param unlogged fields that are left out, as the action says
 */
export function loggedInput(
  posted: Posted,
  unlogged: readonly string[] = [],
): Record<string, string | readonly string[]> {
  const kept: [string, string | readonly string[]][] = [];
  for (const [name, value] of Object.entries(posted)) {
    if (OF_EVERY_FORM.has(name) || SECRET.test(name) || unlogged.includes(name) || value === undefined) continue;
    if (typeof value !== 'object') kept.push([name, cut(value)]);
    else if ('bytes' in value) kept.push([name, `${value.name} (${value.bytes.length} bytes)`]);
    else kept.push([name, value.slice(0, 100).map(cut)]);
  }
  return Object.fromEntries(kept.filter(([, value]) => value.length > 0));
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}
