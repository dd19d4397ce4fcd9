import { html, type Markup } from '../page/html.ts';

/** The ways through one of several lists of a page; nothing when it has one page. */
export function pagesOf(
  what: string,
  { first, next }: { first?: string | undefined; next?: string | undefined },
): Markup | undefined {
  if (first === undefined && next === undefined) return undefined;
  return html`<nav aria-label="Pages of ${what}"><ul>
${first !== undefined && html`<li><a href="${first}">First page</a></li>\n`}${next !== undefined && html`<li><a href="${next}" rel="next">Next page</a></li>\n`}</ul></nav>`;
}
