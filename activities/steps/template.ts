/** `{{path.to.value}}`. config/templates.ts, which checks the texts at start-up, reads placeholders in the same way. */
const PLACEHOLDER = /\{\{\s*([A-Za-z0-9_.-]{1,100})\s*\}\}/g;

/**
 * Fills `{{path.to.value}}` from data. A path is names joined by dots; it reaches own properties of plain data only, so
 * a template can show what it was given and nothing else. A name that meets a list is looked up in each of its items:
 * `{{participants.email}}` is every participant's address. What is not there becomes nothing.
 *
 * @param template text with placeholders
 * @param data plain data
 * @param write how a value is written in the text around it; default: as it is
 * @example fillTemplate('Kickoff: {{deal.name}}', { deal: { name: 'Acme' } }) // 'Kickoff: Acme'
 */
export function fillTemplate(template: string, data: object, write = (value: string): string => value): string {
  return template.replace(PLACEHOLDER, (_match, path: string) => write(wordsOf(valueAt(data, path.split('.')))));
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  if (Array.isArray(value) && !/^\d{1,3}$/.test(name)) return value.map((item) => valueAt(item, path));
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return valueAt(Reflect.get(value, name), rest);
}

function wordsOf(value: unknown): string {
  if (Array.isArray(value)) {
    return value
      .map(wordsOf)
      .filter((words) => words !== '')
      .join(', ');
  }
  return isPrintable(value) ? String(value) : '';
}

function isPrintable(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
