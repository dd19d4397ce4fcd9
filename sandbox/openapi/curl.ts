import type { ReadableOperation } from './readable.ts';

/** In single quotes a shell takes everything as it is, but the quote. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * A call as it is typed into a shell, with the base URL and the key in variables.
 *
 * @param sample which of the operation's request bodies, by its name in the document
 */
export function curlFor(method: string, path: string, operation: ReadableOperation, sample?: string): string {
  const examples = operation.parameters.map(({ name, in: place, example, examples: named }) => {
    const value = sample === undefined ? undefined : named[sample]?.value;
    return { name, place, value: value ?? example };
  });
  const filled = path.replaceAll(/\{(\w+)\}/g, (whole, wanted: string) => {
    const value = examples.find(({ name, place }) => place === 'path' && name === wanted)?.value;
    return value === undefined ? whole : String(value);
  });
  const given = examples.filter(({ value }) => value !== undefined);
  const query = given.filter(({ place }) => place === 'query');
  const headers = given.filter(({ place }) => place === 'header');
  const body = sample === undefined ? undefined : operation.requestBody?.content['application/json']?.examples[sample];
  const verb = method === 'GET' ? (query.length === 0 ? '' : ' -G') : ` -X ${method}`;
  return [
    `curl${verb} "$SKIPUP_BASE_URL${filled}"`,
    '-H "Authorization: Bearer $SKIPUP_API_KEY"',
    ...headers.map(({ name, value }) => `-H ${quoted(`${name}: ${String(value)}`)}`),
    ...query.map(({ name, value }) => `--data-urlencode ${quoted(`${name}=${String(value)}`)}`),
    ...(body === undefined
      ? []
      : ["-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body.value, null, 2))}`]),
  ].join(' \\\n  ');
}
