import { html, type Markup } from './html.ts';

/** Something measured in steps of time: two values a step, the second the greater; undefined: nothing was measured. */
export interface ChartPoint {
  label: string;
  values?: readonly [lower: number, upper: number] | undefined;
}

export interface Chart {
  /** Of its own in the page. */
  id: string;
  title: string;
  /** What it shows, in a sentence, for those who do not see it. */
  description: string;
  /** What the two values are called. */
  series: readonly [lower: string, upper: string];
  points: readonly ChartPoint[];
}

const WIDTH = 420;
const HEIGHT = 150;
const LEFT = 30;
const TOP = 8;
const BOTTOM = 20;
/** Labels below would run into each other when there were more. */
const LABELS = 5;

/** A small drawing of bars, the upper value behind the lower. Its colours are the stylesheet's; the same numbers belong in a table beside it. */
export function barChart({ id, title, description, series, points }: Chart): Markup {
  const most = Math.max(0, ...points.map(({ values }) => values?.[1] ?? 0));
  const ticks = ticksTo(most);
  const top = ticks.at(-1) ?? 1;
  const y = (value: number) => round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top));
  const step = (WIDTH - LEFT) / Math.max(1, points.length);
  const width = round(step * 0.64);
  const x = (index: number) => round(LEFT + step * index + step * 0.18);
  const bar = (index: number, value: number, kind: string) =>
    html`<rect class="${kind}" x="${x(index)}" y="${y(value)}" width="${width}" height="${round(y(0) - y(value))}" rx="2"/>\n`;
  const every = Math.ceil(points.length / LABELS);
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${title}</title>
<desc id="${id}-desc">${description}</desc>
${ticks.map(
  (
    tick,
  ) => html`<line class="${tick === 0 ? 'axis' : 'grid'}" x1="${LEFT}" x2="${WIDTH}" y1="${y(tick)}" y2="${y(tick)}"/>
<text x="${LEFT - 6}" y="${round(y(tick) + 4)}" text-anchor="end">${tick}</text>\n`,
)}${points.map(
  ({ label, values }, index) =>
    values &&
    html`<g><title>${label}: ${series[0]} ${values[0].toFixed(1)}, ${series[1]} ${values[1].toFixed(1)}</title>
${bar(index, values[1], 'bar more')}${bar(index, values[0], 'bar')}</g>\n`,
)}${points.map(({ label }, index) => (points.length - 1 - index) % every === 0 && html`<text x="${round(x(index) + width / 2)}" y="${HEIGHT - 4}" text-anchor="middle">${label}</text>\n`)}</svg>
<ul class="legend" aria-hidden="true"><li>${series[0]}</li><li class="more">${series[1]}</li></ul>`;
}

/** From 0 to at least `most` in three or four steps of 1, 2 or 5 and noughts. */
function ticksTo(most: number): number[] {
  const rough = Math.max(most, 0.1) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? rough;
  const count = Math.max(1, Math.ceil(most / step));
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
