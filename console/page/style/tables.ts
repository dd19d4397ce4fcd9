/** On a narrow screen a row becomes a card: its heading, then each cell under its column's name. */
export const TABLES = `
/* ---- tables */
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 600; padding: 0.25rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.45rem 0.75rem 0.45rem 0; border-bottom: 1px solid var(--line); min-width: 5rem; max-width: 24rem; overflow-wrap: break-word; }
thead th { color: var(--quiet); font-size: 0.875rem; white-space: nowrap; }
tbody th { font-weight: 600; }
tbody tr:hover > * { background: var(--raised); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
@media (max-width: 40rem) {
  table:has(td[data-label]), table:has(td[data-label]) :is(tbody, tr, th[scope="row"], td) { display: block; }
  table:has(td[data-label]) thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table:has(td[data-label]) tr { border: 1px solid var(--line); border-radius: 8px; margin-bottom: 0.75rem; padding: 0.6rem 0.9rem; }
  table:has(td[data-label]) :is(th, td) { border: 0; padding: 0.15rem 0; min-width: 0; max-width: none; overflow-wrap: anywhere; text-align: left; }
  td[data-label]::before { content: attr(data-label); display: block; font-size: 0.8125rem; color: var(--quiet); }
  td[data-label]:empty { display: none; }
}
`;
