import { expect, it } from 'vitest';
import { barChart } from '../../../console/page/chart.ts';

const chart = { id: 'c', title: 'Days', description: 'Days by week.', series: ['median', 'p90'] as const };

it('draws two bars for each step that was measured, and says by words what it shows', () => {
  const points = [{ label: '5 Jan', values: [1, 3] as const }, { label: '12 Jan' }];
  const text = barChart({ ...chart, points }).toString();
  expect(text.match(/<rect class="bar"/g)).toHaveLength(1);
  expect(text.match(/<rect class="bar more"/g)).toHaveLength(1);
  expect(text).toContain('role="img" aria-labelledby="c-title c-desc"');
  expect(text).toContain('<title>5 Jan: median 1.0, p90 3.0</title>');
  expect(text).not.toMatch(/style=|NaN|Infinity/);
});

it.each([
  ['nothing', []],
  ['noughts', [{ label: 'a', values: [0, 0] as const }]],
  ['very little', [{ label: 'a', values: [0.0001, 0.0002] as const }]],
  ['very much', [{ label: 'a', values: [1e6, 3.3e7] as const }]],
])('has an axis that holds %s', (_what, points) => {
  const text = barChart({ ...chart, points }).toString();
  expect(text).not.toMatch(/NaN|Infinity/);
  for (const [, height] of text.matchAll(/height="([^"]+)"/g)) expect(Number(height)).toBeGreaterThanOrEqual(0);
  for (const [, y] of text.matchAll(/<rect [^>]*y="([^"]+)"/g)) expect(Number(y)).toBeGreaterThanOrEqual(0);
  const ticks = [...text.matchAll(/text-anchor="end">([^<]+)</g)].map(([, tick]) => Number(tick));
  expect(ticks.length).toBeGreaterThan(1);
  expect(ticks.length).toBeLessThan(6);
  expect(ticks.at(-1)).toBeGreaterThanOrEqual(Math.max(0, ...points.map(({ values }) => values?.[1] ?? 0)));
});
