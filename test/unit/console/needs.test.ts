import { expect, it } from 'vitest';
import { kickoffRecord, needsOf } from '../../../console/ledger/kickoff-record.ts';
import type { KickoffRow } from '../../../database/index.ts';

const row: KickoffRow = {
  workflow_id: 'kickoff:1148',
  crm: 'hubspot',
  deal_id: '1148',
  workstream: '',
  revision: 1,
  deal: {},
  account_id: '501',
  account_name: 'Acme Corp',
  phase: 'scheduling',
  origin: {},
  organizer: null,
  participants: [],
  excluded: [],
  gaps: [],
  needs: ['The deal is at stage negotiation, not won any more.'],
  started_at: null,
  closes_at: null,
  deal_lost_at: null,
  search: '',
  created_at: new Date(),
  updated_at: new Date(),
};

it.each([
  ['waits for a person', { phase: 'needs_attention' }, row.needs],
  ['is scheduling, and goes on meanwhile', {}, row.needs],
  ['has fallen through', { phase: 'cancelled' }, []],
])('what a kickoff needs that %s', (_what, changes, needs) => {
  const known = { ...row, ...changes };
  expect(needsOf(known, kickoffRecord(known))).toEqual(needs);
});
