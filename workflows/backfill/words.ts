import type { BackfillPlan } from '../messages.ts';

/** What a backfill reads and starts, for sentences about it. */
export interface BackfillWords {
  /** One of those that the CRM lists, and all of them. */
  one: string;
  list: string;
  /** What is started for it. */
  starts: string;
  startsMany: string;
  /** What the window is of. */
  window: string;
}

const DEALS: BackfillWords = {
  one: 'deal',
  list: 'won deals',
  starts: 'kickoff',
  startsMany: 'kickoffs',
  window: 'closed',
};
const LEADS: BackfillWords = {
  one: 'lead',
  list: 'leads',
  starts: 'recovery',
  startsMany: 'recoveries',
  window: 'forms filled in',
};

export function wordsFor(plan: Pick<BackfillPlan, 'of'> | undefined): BackfillWords {
  return plan?.of === 'leads' ? LEADS : DEALS;
}
