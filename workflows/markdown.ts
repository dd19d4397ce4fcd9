/**
 * Markdown for the Temporal UI. What comes from outside (an account's name, a CRM's sentence) is text there, whatever it
 * holds: it can neither end a list, nor make a link, nor be HTML.
 */

/** The longest piece of foreign text that is shown, in characters. */
const TEXT_LIMIT = 300;

/** Foreign text, as text on one line. */
export function inText(text: string): string {
  return cut(oneLine(text)).replace(/[\\`*_{}[\]<>()#+!|~&$-]/g, (sign) => (sign === '&' ? '&amp;' : `\\${sign}`));
}

/** Foreign text in the type of code; a backtick would end it. */
export function inCode(text: string): string {
  const plain = cut(oneLine(text)).replaceAll('`', '’').trim();
  return plain === '' ? '' : `\`${plain}\``;
}

/** A link where the address is one of the web, the bare text otherwise. */
export function link(text: string, url: string | undefined): string {
  const isWeb = url !== undefined && url.length <= 2000 && /^https?:\/\/[^\s<>()[\]\\"'`]+$/i.test(url);
  return isWeb ? `[${inText(text)}](${url})` : inText(text);
}

/** A heading with its list; nothing at all for an empty list. Of more than `limit` lines the rest is counted. */
export function section(heading: string, lines: readonly string[], limit = 50): string[] {
  if (lines.length === 0) return [];
  const more = lines.length > limit ? [`- … and ${lines.length - limit} more`] : [];
  return ['', `**${heading}**`, '', ...lines.slice(0, limit).map((line) => `- ${line}`), ...more];
}

/** An instant to the minute, as people read it. */
export function inMinutes(instant: string): string {
  const at = Date.parse(instant);
  return Number.isNaN(at) ? inText(instant) : `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function oneLine(text: string): string {
  return text.replace(/\p{Cc}+|[\u2028\u2029]+/gu, ' ').trim();
}

function cut(text: string): string {
  if (text.length <= TEXT_LIMIT) return text;
  return `${text.slice(0, TEXT_LIMIT - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
