import { type Content, html, type Markup } from './html.ts';

/**
 * A table that scrolls by itself where it is too wide (by keyboard too, hence the tabindex); on a phone each row is a card,
 * with the column's name above each cell. The first cell of a row is the row's heading.
 *
 * @param label says what the table is; read out, not shown: the heading above it is
 */
export function table(label: string, columns: readonly string[], rows: readonly (readonly Content[])[]): Markup {
  return html`<div class="scroll" role="group" aria-label="${label}" tabindex="0">
<table>
<thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>
${rows.map(([first, ...others]) => html`<tr><th scope="row">${first}</th>${others.map((cell, index) => html`<td data-label="${columns[index + 1]}">${cell}</td>`)}</tr>\n`)}</tbody>
</table>
</div>`;
}

/** Terms and what they are; those without a value are left out. */
export function facts(entries: readonly (readonly [term: string, value: Content])[]): Markup {
  const known = entries.filter(([, value]) => value !== undefined && value !== null && value !== false && value !== '');
  return html`<dl>${known.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>\n`)}</dl>`;
}
