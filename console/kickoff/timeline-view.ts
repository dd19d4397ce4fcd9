import { html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import type { Visit } from '../visit.ts';
import { part } from './part.ts';
import type { TimelineEntry } from './timeline-entry.ts';

/** Of a long story its beginning and its latest part are open; what is between can be unfolded. */
const OPEN = { first: 15, last: 45 };

/** @param older where the events are that are too many to be among the entries */
export function timelinePart(visit: Visit, entries: readonly TimelineEntry[], older: string | undefined): Markup {
  const isLong = entries.length > 2 * (OPEN.first + OPEN.last);
  const first = isLong ? entries.slice(0, OPEN.first) : entries;
  const middle = isLong ? entries.slice(OPEN.first, -OPEN.last) : [];
  return part(
    'timeline',
    'Timeline',
    html`${older !== undefined && html`<p>Only its latest events are shown; the <a href="${older}">inbox</a> has them all.</p>\n`}${list(visit, first, 1)}
${
  isLong &&
  html`<details id="timeline-between">
<summary>${middle.length} more in between</summary>
${list(visit, middle, 1 + first.length)}
</details>
${list(visit, entries.slice(-OPEN.last), 1 + first.length + middle.length)}`
}`,
  );
}

function list(visit: Visit, entries: readonly TimelineEntry[], start: number): Markup {
  return html`<ol class="timeline"${start > 1 && html` start="${start}"`}>
${entries.map((entry) => item(visit, entry))}</ol>`;
}

function item({ zone }: Visit, { at, kind, what, chip, words = [], details, revision }: TimelineEntry): Markup {
  const said = words.filter((word) => word !== undefined && word !== false && word !== null && word !== '');
  return html`<li class="of-${kind.toLowerCase()}">${instant(at, zone)}
<div>
<p><span class="kind">${kind}</span> ${what}${chip !== undefined && html` ${chip}`}${revision !== undefined && html` <span class="chip still">revision ${revision}, over</span>`}</p>
${said.length > 0 && html`<p class="quiet">${said.map((word, index) => html`${index > 0 && html`<br>`}${word}`)}</p>`}
${details !== undefined && html`<details id="${details.id}">\n<summary>Details</summary>\n${details.body}\n</details>`}
</div>
</li>
`;
}
