/**
 * Fills `{{path.to.value}}` from data. A path is names joined by dots; it reaches own properties of plain data only, so
 * a template can show what it was given and nothing else. What is not there becomes nothing.
 *
 * @param template text with placeholders
 * @param data plain data
 * @example fillTemplate('Kickoff: {{deal.name}}', { deal: { name: 'Acme' } }) // 'Kickoff: Acme'
 */
export function fillTemplate(template: string, data: object): string {
  return template.replace(/\{\{\s*([A-Za-z0-9_.]{1,100})\s*\}\}/g, (_match, path: string) => textAt(data, path));
}

function textAt(data: object, path: string): string {
  let value: unknown = data;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return '';
    value = Reflect.get(value, name);
  }
  if (Array.isArray(value)) return value.filter(isPrintable).join(', ');
  return isPrintable(value) ? String(value) : '';
}

function isPrintable(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
