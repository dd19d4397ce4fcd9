import { expect, it } from 'vitest';
import { costOf } from '../../cli/cost.ts';
import { recordedHistories } from './histories.ts';

/** docs/leads.md has these figures. */
it.each([
  ['lead-booked-by-itself', { events: 12, actions: 4 }],
  ['lead-recovered', { events: 53, actions: 18 }],
  ['lead-booked-elsewhere', { events: 44, actions: 14 }],
])('%s costs what the page says', (name, cost) => {
  const recorded = recordedHistories().find((history) => history.name === name);
  expect(recorded && costOf(recorded.read())).toEqual(cost);
});
