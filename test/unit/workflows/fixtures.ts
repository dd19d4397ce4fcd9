import type { CreatedRequest, Resolution } from '../../../activities/contract.ts';
import { type KickoffPolicy, kickoffPolicySchema } from '../../../config/policy.ts';
import type { Deal } from '../../../crm/port.ts';
import { type KickoffEvent, reduce } from '../../../workflows/kickoff/reduce.ts';
import { initialState, type KickoffState } from '../../../workflows/kickoff/state.ts';
import type { KickoffInput, MeetingEvent } from '../../../workflows/messages.ts';
import { stepsOf } from '../../../workflows/steps/state.ts';
import { toUndo } from '../../../workflows/steps/to-undo.ts';

export const REQUEST_ID = 'mr_01TEST';

export const deal: Deal = {
  id: '5012345678',
  crm: 'hubspot',
  name: 'Acme Corp – Enterprise',
  account: { id: '9087654321', name: 'Acme Corp' },
  isWon: true,
  owner: { email: 'jordan.lee@yourcompany.example' },
};

/** One step for everything that a kickoff tells anybody. */
export const policy: KickoffPolicy = kickoffPolicySchema.parse({
  whenBookingIsCancelled: 'close',
  steps: {
    on_won: [{ id: 'won', kind: 'crm_status', status: 'Won' }],
    on_requested: [{ id: 'requested', kind: 'crm_status', status: 'Scheduling in Progress' }],
    on_follow_up: [{ id: 'follow_up', kind: 'crm_note', text: 'Follow-up' }],
    on_booked: [
      { id: 'status', kind: 'crm_status', status: 'Kickoff Scheduled', onFailure: 'wait' },
      { id: 'notice', kind: 'slack', text: 'Booked' },
    ],
    on_organizer_changed: [{ id: 'organizer', kind: 'crm_note', text: 'Organizer' }],
    on_cancelled: [{ id: 'flag', kind: 'crm_status', status: 'Needs follow-up' }],
    on_expired: [{ id: 'expired', kind: 'crm_status', status: 'Expired' }],
    on_attention: [{ id: 'ask', kind: 'slack', text: '{{needs}}' }],
  },
});

export const input: KickoffInput = {
  deal,
  revision: 1,
  origin: { kind: 'hubspot', reference: 'transition-1', receivedAt: '2026-02-10T09:00:00.000Z' },
  policy,
};

export const resolution: Resolution = {
  organizer: { email: 'jordan.lee@yourcompany.example', from: 'registry (account)' },
  participants: [
    {
      email: 'jamie.chen@acme-corp.example',
      side: 'customer',
      roles: ['champion'],
      attendance: 'required',
      from: 'registry (account)',
    },
  ],
  excluded: [],
  gaps: [],
  timeframe: { start: '2026-02-12T05:00:00Z', end: '2026-02-22T04:59:59Z' },
  context: { title: 'Kickoff', purpose: 'Kick off', description: 'Acme', durationMinutes: 60 },
};

export const created: CreatedRequest = { requestId: REQUEST_ID, status: 'active', events: [], fresh: true };

export function meetingEvent(name: MeetingEvent['name'], at: string, more: Partial<MeetingEvent> = {}): MeetingEvent {
  return { key: `${name}@${at}`, name, requestId: REQUEST_ID, at, ...more };
}

/** Every order of the items. */
export function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  );
}

export const CLOSES_AT = '2026-02-23T04:59:59Z';
export const resolved = {
  type: 'resolved',
  resolution,
  key: 'impl:1:kickoff:2026-02-10',
  firstTriedAt: '2026-02-10T09:00:00Z',
} as const satisfies KickoffEvent;
export const accepted = { type: 'created', created, closesAt: CLOSES_AT } as const satisfies KickoffEvent;

/** Applies events; step lists run at once and succeed, as they do in the workflow. */
export function following(
  events: readonly KickoffEvent[],
  from: KickoffState = initialState(input),
  rules: KickoffPolicy = policy,
): KickoffState {
  return events.reduce((state, event) => runLists(reduce(state, event, rules), rules), from);
}

function runLists(state: KickoffState, rules: KickoffPolicy): KickoffState {
  let next = state;
  for (let run = next.queue[0]; run !== undefined; run = next.queue[0]) {
    next = reduce(next, { type: 'list_started', run }, rules);
    if (run.undoes !== undefined) {
      for (const one of toUndo(next, run, rules.steps)) {
        const undone = { state: 'undone', detail: 'taken back' } as const;
        next = reduce(next, { type: 'step_undone', run: one, id: one.id, undone }, rules);
      }
      next = reduce(next, { type: 'list_finished', run }, rules);
      continue;
    }
    for (const { id } of stepsOf(run, rules.steps)) {
      next = reduce(next, { type: 'step_done', run, id, outcome: { detail: 'done', ids: {} } }, rules);
    }
    next = reduce(next, { type: 'list_finished', run }, rules);
  }
  return next;
}
