/** What later steps and people get of an answer: ids and links, no documents. */
const VALUE_MAX = 500;
const URL_MAX = 2_000;

export interface Kept {
  ids: Record<string, string>;
  url?: string;
  /** Names of what was asked for and is not there, or is no short text. */
  missing: string[];
}

/**
 * Takes ids and a link out of an answer.
 *
 * @param wanted name → JSON pointer; `url` is taken as the link when it is one
 * @param text the answer; not JSON: nothing is in it
 */
export function keptOf(wanted: Record<string, string>, text: string): Kept {
  const answer = parsed(text);
  const kept: Kept = { ids: {}, missing: [] };
  for (const [name, pointer] of Object.entries(wanted)) {
    const value = wordOf(atPointer(answer, pointer));
    if (name === 'url') {
      if (value !== undefined && isLink(value)) kept.url = value;
      else kept.missing.push(name);
    } else if (value !== undefined && value.length <= VALUE_MAX) kept.ids[name] = value;
    else kept.missing.push(name);
  }
  return kept;
}

/**
 * The value that a JSON pointer (RFC 6901) names; undefined when there is none. It reaches own properties alone.
 *
 * @example atPointer({ items: [{ 'a/b': 1 }] }, '/items/0/a~1b') // 1
 */
export function atPointer(document: unknown, pointer: string): unknown {
  if (pointer === '') return document;
  let value = document;
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value) && !/^(?:0|[1-9]\d*)$/.test(name)) return undefined;
    if (!Object.hasOwn(value, name)) return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}

function wordOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** People click on it. */
function isLink(value: string): boolean {
  return value.length <= URL_MAX && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // An answer that is no JSON holds nothing that was asked for; it is said which names those are.
    return undefined;
  }
}
