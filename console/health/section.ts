import { html, type Markup } from '../page/html.ts';
import type { Tone } from '../words/phase.ts';
import type { Check } from './checks.ts';

const STATES: Record<Check['state'], { label: string; tone: Tone }> = {
  fine: { label: 'Fine', tone: 'good' },
  late: { label: 'Late', tone: 'busy' },
  trouble: { label: 'Trouble', tone: 'alert' },
  quiet: { label: 'Nothing yet', tone: 'still' },
};

/** How every part is; what is not well first. */
export function healthSection(checks: readonly Check[]): Markup {
  const order: Check['state'][] = ['trouble', 'late', 'fine', 'quiet'];
  const sorted = order.flatMap((state) => checks.filter((check) => check.state === state));
  return html`<section data-part id="health" aria-labelledby="health-title">
<h2 id="health-title">Health</h2>
<ul class="cards columns">
${sorted.map(line)}</ul>
</section>`;
}

function line({ name, path, state, says, todo }: Check): Markup {
  const { label, tone } = STATES[state];
  return html`<li class="${tone === 'alert' ? '' : tone}">
<h3>${path === undefined ? name : html`<a href="${path}">${name}</a>`} <span class="chip ${tone}">${label}</span></h3>
<p>${says}</p>
${todo && html`<p>${todo}</p>`}
</li>
`;
}
