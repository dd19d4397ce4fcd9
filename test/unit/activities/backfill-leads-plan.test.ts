import { describe, expect, it } from 'vitest';
import { planOf } from '../../../activities/backfill/plan.ts';
import { createCrms } from '../../../crm/index.ts';
import type { BackfillInput } from '../../../workflows/messages.ts';

const NOW = '2026-11-20T09:30:00.000Z';
const CRMS = createCrms({ hubspot: { pipelines: ['default'] }, generic: {} });
const plan = (input: object, recoversLeads = true) => {
  const given: BackfillInput = JSON.parse(JSON.stringify(input));
  return planOf({ ...given, now: NOW }, CRMS, { perMinute: 96, recoversLeads });
};
const LEADS = { of: 'leads', crm: 'hubspot', submittedAfter: '2025-01-01' };

describe('the plan of a backfill of leads', () => {
  it('is of a window of submissions, and of no pipeline', () => {
    expect(plan(LEADS)).toEqual({
      of: 'leads',
      crm: 'hubspot',
      after: '2025-01-01T00:00:00.000Z',
      before: NOW,
      dryRun: false,
      perMinute: 96,
    });
    expect(plan({ of: 'leads', crm: 'hubspot', submittedWithinDays: 7 }).after).toBe('2026-11-13T09:30:00.000Z');
  });

  it('of deals says nothing of what it is of', () => {
    expect(plan({ of: 'deals', crm: 'hubspot', closedAfter: '2025-01-01' })).not.toHaveProperty('of');
  });

  it.each([
    [{ of: 'leads', crm: 'hubspot' }, 'submittedAfter: give the day'],
    [{ ...LEADS, closedBefore: '2026-01-01' }, 'closedBefore: is for deals'],
    [{ crm: 'hubspot', closedAfter: '2025-01-01', submittedBefore: '2026-01-01' }, 'submittedBefore: is for leads'],
    [{ ...LEADS, submittedWithinDays: 7 }, 'not both'],
    [{ ...LEADS, submittedAfter: '2027-01-01' }, 'submittedAfter: must be in the past'],
    [{ ...LEADS, pipelines: ['default'] }, 'pipelines: leads are in none'],
    [{ ...LEADS, crm: 'generic' }, 'generic has no list of leads'],
    [{ ...LEADS, of: 'people' }, 'of: must be deals or leads'],
  ])('%j is refused with the reason and a right example', (input, reason) => {
    expect(() => plan(input)).toThrow(reason);
    expect(() => plan(input)).toThrow(/A right one: \{/);
  });

  it('is refused where leads are not recovered', () => {
    expect(() => plan(LEADS, false)).toThrow(/configure recovery/);
  });
});
