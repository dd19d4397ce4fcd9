import { html, type Markup } from './html.ts';

/** The ways to the other pages of a list; nothing when there are none. */
export function paging(addresses: {
  newest?: string | undefined;
  newer?: string | undefined;
  older?: string | undefined;
}): Markup | undefined {
  const { newest, newer, older } = addresses;
  if (newest === undefined && newer === undefined && older === undefined) return undefined;
  return html`<nav aria-label="Pages"><ul>
${newest !== undefined && html`<li><a href="${newest}">Newest</a></li>\n`}${newer !== undefined && html`<li><a href="${newer}" rel="prev">Newer</a></li>\n`}${older !== undefined && html`<li><a href="${older}" rel="next">Older</a></li>\n`}</ul></nav>`;
}
