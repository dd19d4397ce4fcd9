import type { LeadTimes, Spread } from '../../database/index.ts';
import { barChart } from '../page/chart.ts';
import { html, type Markup } from '../page/html.ts';
import { table } from '../page/table.ts';
import { lasting } from '../words/lasting.ts';
import { whole } from './count-words.ts';

/** Over which kickoffs are looked at: those begun since. */
export const WINDOW_DAYS = 90;

type Way = 'toContact' | 'toBooking';

/** How long it takes from a deal's closing to the first request and to the booking; nothing before there is anything. */
export function speedSection(all: readonly LeadTimes[], now: Date): Markup | undefined {
  const total = all.find(({ week }) => week === undefined);
  if (total === undefined || total.begun === 0) return undefined;
  const weeks = everyWeek(all, now);
  return html`<section data-part id="speed" aria-labelledby="speed-title">
<h2 id="speed-title">From close to kickoff</h2>
<p class="quiet">Of the ${total.begun === 1 ? 'one kickoff' : `${whole(total.begun)} kickoffs`} begun in the last ${WINDOW_DAYS} days, without those of a backfill.</p>
<ul class="figures">
${figure('to the first request', total.toContact)}${figure('to the booking', total.toBooking)}<li><strong>${share(total)}</strong> booked <span class="quiet">${whole(total.booked)} of ${whole(total.asked)} that were asked for</span></li>
</ul>
<div class="columns">
${chart('contact', 'Days from close to the first request', weeks, 'toContact')}${chart('booking', 'Days from close to the booking', weeks, 'toBooking')}</div>
<details>
<summary>The same as a table</summary>
${table(
  'From close to kickoff, week by week',
  ['Week of', 'Begun', 'Asked for', 'Booked', 'Days to the first request', 'Days to the booking'],
  weeks.map((one) => [
    one.week,
    whole(one.begun),
    whole(one.asked),
    whole(one.booked),
    both(one.toContact),
    both(one.toBooking),
  ]),
)}
</details>
</section>`;
}

function figure(what: string, spread: Spread | undefined): Markup {
  return spread === undefined
    ? html`<li><strong>–</strong> ${what} <span class="quiet">none yet</span></li>\n`
    : html`<li><strong>${lasting(spread.median)}</strong> ${what} (median) <span class="quiet">nine of ten within ${lasting(spread.p90)} (p90)</span></li>\n`;
}

function share({ asked, booked }: LeadTimes): string {
  return asked === 0 ? '–' : `${Math.round((100 * booked) / asked)} %`;
}

function both(spread: Spread | undefined): string {
  return spread === undefined ? '–' : `median ${spread.median.toFixed(1)}, p90 ${spread.p90.toFixed(1)}`;
}

function chart(id: string, title: string, weeks: readonly LeadTimes[], way: Way): Markup {
  const measured = weeks.flatMap((one) => one[way] ?? []);
  const last = measured.at(-1);
  const description =
    last === undefined
      ? 'Nothing has been measured yet.'
      : `Bars for ${weeks.length} weeks. In the last week with any, half took ${last.median.toFixed(1)} days or less, nine of ten ${last.p90.toFixed(1)} days or less.`;
  return html`<div>
<h3>${title}</h3>
${barChart({
  id: `chart-${id}`,
  title,
  description,
  series: ['median', 'p90: nine of ten take no longer'],
  points: weeks.map((one) => {
    const spread = one[way];
    return { label: weekLabel(one.week ?? ''), values: spread && [spread.median, spread.p90] };
  }),
})}
</div>
`;
}

const DAY_AND_MONTH = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

function weekLabel(week: string): string {
  return DAY_AND_MONTH.format(new Date(`${week}T00:00:00Z`));
}

const WEEK_MS = 7 * 86_400_000;

/** The weeks of the window, one after the other, also those in which nothing began. */
function everyWeek(all: readonly LeadTimes[], now: Date): LeadTimes[] {
  const known = new Map(all.map((one) => [one.week, one]));
  const [first] = [...known.keys()].filter((week) => week !== undefined).sort();
  const weeks: LeadTimes[] = [];
  for (let at = Date.parse(`${first}T00:00:00Z`); at <= now.getTime(); at += WEEK_MS) {
    const week = new Date(at).toISOString().slice(0, 10);
    const none = { begun: 0, asked: 0, booked: 0, toContact: undefined, toBooking: undefined };
    weeks.push(known.get(week) ?? { week, ...none });
  }
  return weeks;
}
