import { type Content, html, type Markup } from '../page/html.ts';

/** A part of the page with its heading, which is replaced by itself while the page is open. */
export function part(id: string, heading: string, body: Content): Markup {
  return html`<section data-part id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${heading}</h2>
${body}
</section>
`;
}
