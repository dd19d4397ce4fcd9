import { z } from 'zod';
import type { Posted } from '../../action/action.ts';
import { html, type Markup } from '../../page/html.ts';
import { isolated } from '../../page/link.ts';
import { table } from '../../page/table.ts';
import { fieldValue, fieldWords } from '../words.ts';

/** What a form showed of what it changes goes with it, so that nobody overwrites what they have not seen. */
export function seenInput(state: string): Markup {
  return html`<input type="hidden" name="seen" value="${state}">`;
}

/** @returns what the form showed; undefined when it was not sent with it */
export function seenIn(posted: Posted): string | undefined {
  return typeof posted.seen === 'string' ? posted.seen : undefined;
}

const stateSchema = z.record(z.string(), z.unknown());

/** What a form says that it showed is as good as anything from outside: what cannot be read showed nothing. */
function fieldsOf(state: string): Record<string, unknown> {
  try {
    const parsed = stateSchema.safeParse(JSON.parse(state));
    return parsed.success ? parsed.data : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** What somebody else has changed since the form was made: as it was shown, and as it is now. */
export function conflictTable(seen: string, now: string): Markup {
  const [earlier, current] = [fieldsOf(seen), fieldsOf(now)];
  const fields = [...new Set([...Object.keys(earlier), ...Object.keys(current)])];
  const different = fields.filter((field) => JSON.stringify(earlier[field]) !== JSON.stringify(current[field]));
  return html`<p class="notice alert"><strong>Somebody else has changed this since you opened the form.</strong> What you typed is kept below; it is written over what stands there now if you send it again.</p>
${table(
  'Changed meanwhile',
  ['Field', 'You were shown', 'It is now'],
  different.map((field) => [
    fieldWords(field),
    isolated(fieldValue(field, earlier[field])),
    isolated(fieldValue(field, current[field])),
  ]),
)}`;
}
