import { ApplicationFailure } from '@temporalio/activity';
import { describe, expect, it } from 'vitest';
import { planOf } from '../../../activities/backfill/plan.ts';
import type { Crm } from '../../../crm/index.ts';
import type { BackfillInput, BackfillPlan } from '../../../workflows/messages.ts';

const NOW = '2026-11-20T09:30:00.000Z';

const unused = (): never => {
  throw new Error('not part of this test');
};
const crm = (name: Crm['name'], more: Partial<Crm> = {}): Crm => ({
  name,
  verify: unused,
  normalise: unused,
  readDeal: unused,
  listStakeholders: unused,
  writeBack: unused,
  ...more,
});
const CRMS = {
  hubspot: crm('hubspot', { listWonDeals: unused, pipelines: ['default', 'enterprise'] }),
  pipedrive: crm('pipedrive', { listWonDeals: unused }),
  generic: crm('generic'),
};

/** As it comes from the Temporal UI: anything. */
function plan(input: unknown, crms: Parameters<typeof planOf>[1] = CRMS): BackfillPlan {
  const given: BackfillInput = JSON.parse(JSON.stringify(input));
  return planOf({ ...given, now: NOW }, crms, { perMinute: 96 });
}

function problems(input: unknown, crms?: Parameters<typeof planOf>[1]): string {
  try {
    return `no problem: ${JSON.stringify(plan(input, crms))}`;
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    expect(error.nonRetryable).toBe(true);
    return error.message;
  }
}

describe('the plan of a backfill', () => {
  it('has everything that was left out', () => {
    expect(plan({ crm: 'hubspot', closedAfter: '2025-01-01' })).toEqual({
      crm: 'hubspot',
      after: '2025-01-01T00:00:00.000Z',
      before: NOW,
      pipelines: ['default', 'enterprise'],
      dryRun: false,
      perMinute: 96,
    });
    expect(plan({ crm: 'pipedrive', closedAfter: '2025-01-01' })).not.toHaveProperty('pipelines');
  });

  it('takes what was given', () => {
    const given = { crm: 'hubspot', closedAfter: '2025-01-01T10:00:00+02:00', closedBefore: '2025-02-01' };
    expect(plan({ ...given, pipelines: ['other'], limit: 5, dryRun: true, perMinute: 7, requestedBy: 'me' })).toEqual({
      crm: 'hubspot',
      after: '2025-01-01T08:00:00.000Z',
      before: '2025-02-01T00:00:00.000Z',
      pipelines: ['other'],
      limit: 5,
      dryRun: true,
      perMinute: 7,
    });
  });

  it('counts days back from now for a Schedule', () => {
    expect(plan({ crm: 'hubspot', closedWithinDays: 7 })).toMatchObject({
      after: '2026-11-13T09:30:00.000Z',
      before: NOW,
    });
  });

  it.each<[string, object, RegExp]>([
    ['nothing', {}, /crm: must be one of hubspot.*closedAfter: give the day/],
    ['no window', { crm: 'hubspot' }, /closedAfter: give the day from which on, or closedWithinDays/],
    ['two windows', { crm: 'hubspot', closedAfter: '2025-01-01', closedWithinDays: 7 }, /not both/],
    [
      'a window of nothing',
      { crm: 'hubspot', closedAfter: '2025-02-01', closedBefore: '2025-02-01' },
      /closedBefore: must be after closedAfter/,
    ],
    [
      'a window of the future',
      { crm: 'hubspot', closedAfter: '2027-01-01' },
      /closedAfter: must be in the past; it is 2026-11-20/,
    ],
    ['a day that is none', { crm: 'hubspot', closedAfter: '2025-02-30' }, /closedAfter: must be a date or an instant/],
    [
      'an instant of no zone',
      { crm: 'hubspot', closedAfter: '2025-02-03T10:00:00' },
      /closedAfter: must be a date or an instant/,
    ],
    ['a day in American', { crm: 'hubspot', closedAfter: '01/02/2025' }, /closedAfter: must be a date or an instant/],
    ['a number for a day', { crm: 'hubspot', closedAfter: 20250101 }, /closedAfter: must be a text/],
    ['a CRM that nobody knows', { crm: 'close', closedAfter: '2025-01-01' }, /crm: must be one of hubspot, salesforce/],
    [
      'a CRM that is not set up',
      { crm: 'salesforce', closedAfter: '2025-01-01' },
      /crm: salesforce is not configured here\. Can be listed: hubspot, pipedrive\./,
    ],
    [
      'a CRM without a list',
      { crm: 'generic', closedAfter: '2025-01-01' },
      /crm: generic has no list of deals to read/,
    ],
    ['no pipeline', { crm: 'hubspot', closedAfter: '2025-01-01', pipelines: [] }, /pipelines: must name at least one/],
    [
      'a pipeline without a list',
      { crm: 'hubspot', closedAfter: '2025-01-01', pipelines: 'default' },
      /pipelines: must be a list/,
    ],
    [
      'a limit of none',
      { crm: 'hubspot', closedAfter: '2025-01-01', limit: 0 },
      /limit: must be a whole number from 1 to 1,000,000/,
    ],
    [
      'half a kickoff a minute',
      { crm: 'hubspot', closedAfter: '2025-01-01', perMinute: 0.5 },
      /perMinute: must be a whole number/,
    ],
    [
      'a word for a switch',
      { crm: 'hubspot', closedAfter: '2025-01-01', dryRun: 'yes' },
      /dryRun: must be true or false/,
    ],
    ['a field that is not known', { crm: 'hubspot', closedAfter: '2025-01-01', from: '2025' }, /from: not known here/],
  ])('refuses %s', (_name, input, problem) => {
    expect(problems(input)).toMatch(problem);
    expect(problems(input)).toMatch(/^The input is not right\. .+ A right one: \{"crm": "hubspot"/);
  });

  it('lists every problem at once', () => {
    const told = problems({ crm: 'salesforce', closedAfter: 'then', limit: -1, perMinute: 'fast' });
    for (const field of ['crm', 'closedAfter', 'limit', 'perMinute']) expect(told).toContain(`${field}: `);
  });

  it('says that no CRM can be listed', () => {
    expect(problems({ crm: 'hubspot', closedAfter: '2025-01-01' }, { generic: CRMS.generic })).toMatch(
      /None that can be listed is\./,
    );
  });
});
