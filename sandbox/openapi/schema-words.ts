import type { Content, Markup } from './html.ts';
import { html, inline } from './html.ts';
import type { SchemaNode } from './readable.ts';
import { nameIn } from './readable.ts';

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': 'instant, ISO 8601',
  date: 'date, YYYY-MM-DD',
  uri: 'URL',
  'time-zone': 'IANA time zone',
};

/** What a value may be, in words: `whole number, 1 to 100`, `list of Participant, 1 to 50`. */
export function wordsFor(schema: SchemaNode): Content {
  if (schema.$ref !== undefined) return linkTo(nameIn(schema.$ref));
  if (schema.const !== undefined) return html`<code>${String(schema.const)}</code>`;
  if (schema.enum !== undefined) return listed(schema.enum.map((value) => html`<code>${String(value)}</code>`));
  if (schema.anyOf !== undefined) return listed(schema.anyOf.map(wordsFor));
  if (Array.isArray(schema.type)) return listed(schema.type.map((type) => wordsFor({ ...schema, type })));
  if (schema.type === 'array') {
    return ['list of ', wordsFor(schema.items ?? {}), between(schema.minItems, schema.maxItems)];
  }
  if (schema.type === 'integer') return ['whole number', between(schema.minimum, schema.maximum), fallback(schema)];
  if (schema.type === 'boolean') return [html`<code>true</code>`, ' or ', html`<code>false</code>`];
  if (schema.type === 'object') return 'object';
  if (schema.type === 'null') return html`<code>null</code>`;
  const format = FORMATS[schema.format ?? ''];
  if (format !== undefined) return format;
  const lengths = between(schema.minLength, schema.maxLength);
  return ['text', lengths, lengths === '' ? '' : ' characters'];
}

/** Or the words of another schema that this one is a reference to. */
export function linkTo(name: string): Markup {
  return html`<a href="#schema-${name}">${name}</a>`;
}

function listed(values: Content[]): Content {
  return values.map((value, nth) => [nth === 0 ? '' : nth === values.length - 1 ? ' or ' : ', ', value]);
}

/** zod writes the largest safe integer where there is no limit. */
function between(least: number | undefined, most: number | undefined): string {
  const upper = most === undefined || most >= Number.MAX_SAFE_INTEGER ? undefined : most;
  const lower = least === undefined || least <= Number.MIN_SAFE_INTEGER ? undefined : least;
  if (upper === undefined) return lower === undefined || lower === 0 ? '' : `, at least ${lower}`;
  if (lower === undefined) return `, at most ${upper}`;
  return `, ${lower} to ${upper}`;
}

function fallback({ default: value }: SchemaNode): string {
  return value === undefined ? '' : `; ${String(value)} when left out`;
}

export interface Field {
  name: string;
  required: boolean;
  schema: SchemaNode;
  description?: string;
}

export function fieldsOf({ properties = {}, required = [] }: SchemaNode): Field[] {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    required: required.includes(name),
    schema,
    ...(schema.description === undefined ? {} : { description: schema.description }),
  }));
}

/**
 * Parameters or fields with what each may be.
 *
 * @param must what is said of those that have to be there
 */
export function fieldTable(fields: readonly Field[], must = 'required'): Content {
  if (fields.length === 0) return undefined;
  const row = ({ name, required, schema, description }: Field) => html`<tr>
<th scope="row"><code>${name}</code>${required ? html` <span class="must">${must}</span>` : undefined}</th>
<td>${wordsFor(schema)}${description === undefined ? undefined : html`<br><span class="quiet">${inline(description)}</span>`}</td>
</tr>
`;
  return html`<div class="scroll"><table><tbody>
${fields.map(row)}</tbody></table></div>
`;
}
