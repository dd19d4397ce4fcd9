import { expect, it } from 'vitest';
import { costOf } from '../../cli/cost.ts';
import { recordedHistories } from './histories.ts';

/** docs/leads.md and docs/architecture.md have these figures. */
it.each([
  ['lead-booked-by-itself', { events: 12, actions: 4 }],
  ['lead-recovered-at-once', { events: 34, actions: 12 }],
  ['lead-recovered', { events: 52, actions: 17 }],
  ['lead-booked-elsewhere', { events: 37, actions: 13 }],
  ['three-steps', { events: 28, actions: 9 }],
  ['ten-steps', { events: 35, actions: 9 }],
])('%s costs what the page says', (name, cost) => {
  const recorded = recordedHistories().find((history) => history.name === name);
  expect(recorded && costOf(recorded.read())).toEqual(cost);
});
