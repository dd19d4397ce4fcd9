import type { Page, TestConsole } from './console.ts';

/** What a form came to. */
export interface Sent extends Page {
  /** The page that it led to; undefined: it was not done. */
  page?: string;
}

/** What a form on a page would send: its hidden and other inputs as they stand there. */
export function inputsIn(text: string, form: string): Record<string, string> {
  const body = text.split(/<form /).find((part) => part.includes(`action="${form}"`)) ?? '';
  const plain = (value: string) =>
    value
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');
  const inputs = [...body.matchAll(/<input ([^>]*)>/g)].map(([, attributes = '']) => {
    const of = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1];
    return { name: of('name'), value: of('value') ?? '', type: of('type'), isChecked: /\bchecked\b/.test(attributes) };
  });
  const selects = [...body.matchAll(/<select [^>]*name="([^"]+)"[^>]*>(.*?)<\/select>/gs)].map(
    ([, name, options = '']) => ({
      name,
      value: /<option value="([^"]*)" selected>/.exec(options)?.[1] ?? '',
      type: 'select',
      isChecked: false,
    }),
  );
  const fields = [...inputs, ...selects].filter(({ type, isChecked }) => type !== 'checkbox' || isChecked);
  return Object.fromEntries(fields.flatMap(({ name, value }) => (name === undefined ? [] : [[name, plain(value)]])));
}

/** Opens an action's page and sends its form with some fields filled in otherwise. */
export async function act(
  get: TestConsole,
  action: string,
  target: string,
  fields: Record<string, string> = {},
): Promise<Sent> {
  const { text } = await get(`/actions/${action}?on=${encodeURIComponent(target)}`);
  return await send(get, action, { ...inputsIn(text, `/actions/${action}`), ...fields });
}

/** Sends an action's form; with the page that it leads to. */
export async function send(get: TestConsole, action: string, fields: Record<string, string>): Promise<Sent> {
  const answer = await get.post(`/actions/${action}`, fields);
  const to = answer.headers.get('location');
  return { ...answer, ...(to === null ? {} : { page: (await get(to)).text }) };
}
