import { describe, expect, it } from 'vitest';
import { recoveryPolicySchema } from '../../../config/policy.ts';
import type { Lead } from '../../../crm/port.ts';
import { RECOVERY_PHASES, type RecoveryPhase } from '../../../workflows/messages.ts';
import { type Command, possibleCommands, problemsOf } from '../../../workflows/recovery/commands.ts';
import { recoveryKey } from '../../../workflows/recovery/key.ts';
import { type RecoveryEvent, reduce } from '../../../workflows/recovery/reduce.ts';
import { isLeadBooked } from '../../../workflows/recovery/run.ts';
import { initialState, isCallOffWanted, needsOf, type RecoveryState } from '../../../workflows/recovery/state.ts';

const ID = 'mr_1';
const lead: Lead = { id: '9f2k1x', crm: 'hubspot', email: 'sarah.chen@acme.example', optedOut: false };
const policy = recoveryPolicySchema.parse({
  steps: Object.fromEntries(
    ['requested', 'follow_up', 'booked', 'booked_elsewhere', 'cancelled', 'expired', 'attention'].map((name) => [
      `on_${name}`,
      [{ id: name, kind: 'crm_status', status: name, onFailure: name === 'booked' ? 'wait' : 'warn' }],
    ]),
  ),
});
const input = {
  lead,
  form: { name: 'Demo request', submittedAt: '2026-02-08T10:00:00Z', answers: {} },
  date: '2026-02-08',
  attempt: 1,
  origin: { kind: 'form' as const, reference: 's1', receivedAt: '2026-02-08T10:00:00Z' },
  policy,
};

const waited: RecoveryEvent = { type: 'waited' };
const clear: RecoveryEvent = { type: 'checked', check: { lead } };
const busy: RecoveryEvent = { type: 'checked', check: { lead, meeting: 'Demo' } };
const out: RecoveryEvent = { type: 'checked', check: { lead, optedOut: 'asked us to' } };
const prepared: RecoveryEvent = {
  type: 'prepared',
  key: 'lead:9f2k1x:recovery:2026-02-08',
  firstTriedAt: '2026-02-08T10:30:00Z',
  prepared: {
    organizer: { email: 'rep@yourcompany.example', from: 'lead owner' },
    participant: { email: lead.email, side: 'customer', roles: [], attendance: 'required', from: 'Demo request' },
    timeframe: { start: '2026-02-09T00:00:00Z', end: '2026-02-20T23:59:59Z' },
    context: { title: 'Demo', purpose: 'Demo', description: '', durationMinutes: 30 },
    needs: [],
  },
};
const nobody: RecoveryEvent = { ...prepared, prepared: { ...prepared.prepared, needs: ['Nobody organizes.'] } };
const created: RecoveryEvent = {
  type: 'created',
  created: { requestId: ID, status: 'active', events: [], fresh: true },
  closesAt: '2026-02-21T23:59:59Z',
};
const elsewhere: RecoveryEvent = {
  type: 'lead_booked',
  news: { key: 'b1', at: '2026-02-08T11:00:00Z', meeting: 'Call' },
};
const skipup = (
  name: 'booked' | 'cancelled' | 'paused' | 'resumed' | 'follow_up_sent' | 'organizer_changed',
  at = '2026-02-10T10:00:00Z',
): RecoveryEvent => ({
  type: 'meeting_event',
  event: { key: `${name}:${at}`, name, requestId: ID, at },
});
const byHand: RecoveryEvent = { type: 'cancelled_by_person', reason: 'met at a fair' };
const refused: RecoveryEvent = { type: 'create_refused', message: 'no' };
const stopped: RecoveryEvent = { type: 'create_stopped' };

const WAITING: RecoveryEvent[] = [];
const CHECKING = [waited];
const REQUESTING = [waited, clear, prepared];
const SCHEDULING = [...REQUESTING, created];
const BOOKED = [...SCHEDULING, skipup('booked')];

const following = (events: RecoveryEvent[]): RecoveryState =>
  events.reduce((state, event) => reduce(state, event, policy), initialState(input));
const lists = (state: RecoveryState) => state.queue.map(({ list }) => list);

describe('what an event means for a recovery', () => {
  it.each<[string, RecoveryEvent[], RecoveryPhase, string[]]>([
    ['it begins by waiting', WAITING, 'waiting', []],
    ['the time is up', CHECKING, 'checking', []],
    ['a time that is up twice', [waited, waited], 'checking', []],
    ['booked elsewhere while it had time', [elsewhere], 'booked_elsewhere', ['on_booked_elsewhere']],
    ['booked elsewhere during the look', [...CHECKING, elsewhere], 'booked_elsewhere', ['on_booked_elsewhere']],
    ['the CRM knows of a meeting', [...CHECKING, busy], 'booked_elsewhere', ['on_booked_elsewhere']],
    ['a meeting that is found too late', [elsewhere, waited, busy], 'booked_elsewhere', ['on_booked_elsewhere']],
    ['it has opted out', [...CHECKING, out], 'opted_out', []],
    [
      'the CRM is not to be reached',
      [...CHECKING, { type: 'check_failed', message: 'no CRM' }],
      'needs_attention',
      ['on_attention'],
    ],
    ['nobody organizes', [...CHECKING, clear, nobody], 'needs_attention', ['on_attention']],
    [
      'somebody is named',
      [...CHECKING, clear, nobody, { type: 'organizer_named', email: 'x@y.example' }],
      'checking',
      ['on_attention'],
    ],
    ['somebody is named ahead', [{ type: 'organizer_named', email: 'x@y.example' }], 'waiting', []],
    ['a person does not wait', [{ type: 'proceeded' }], 'checking', []],
    ['it is prepared', REQUESTING, 'requesting', []],
    ['SkipUp refuses', [...REQUESTING, refused], 'needs_attention', ['on_attention']],
    [
      'SkipUp refuses and a person goes on',
      [...REQUESTING, refused, { type: 'proceeded' }],
      'checking',
      ['on_attention'],
    ],
    [
      'SkipUp does not answer',
      [...REQUESTING, { type: 'create_unanswered', message: 'late' }],
      'needs_attention',
      ['on_attention'],
    ],
    ['a person comes between', [...REQUESTING, stopped], 'needs_attention', []],
    [
      'its window was over before it was sent',
      [...REQUESTING, { type: 'window_passed', wasSent: true }],
      'checking',
      [],
    ],
    [
      'its window passes while SkipUp tells of a booking',
      [...BOOKED, { type: 'deadline_passed', trouble: 'forbidden' }],
      'booked',
      ['on_requested', 'on_booked'],
    ],
    ['SkipUp accepts', SCHEDULING, 'scheduling', ['on_requested']],
    [
      'a webhook came before the answer',
      [...REQUESTING, skipup('booked'), created],
      'booked',
      ['on_requested', 'on_booked'],
    ],
    ['paused', [...SCHEDULING, skipup('paused')], 'paused', ['on_requested']],
    [
      'paused and resumed',
      [...SCHEDULING, skipup('paused'), skipup('resumed', '2026-02-10T11:00:00Z')],
      'scheduling',
      ['on_requested'],
    ],
    [
      'resumed, told in the wrong order',
      [...SCHEDULING, skipup('resumed', '2026-02-10T11:00:00Z'), skipup('paused')],
      'scheduling',
      ['on_requested'],
    ],
    ['a follow-up', [...SCHEDULING, skipup('follow_up_sent')], 'scheduling', ['on_requested', 'on_follow_up']],
    [
      'a follow-up told twice',
      [...SCHEDULING, skipup('follow_up_sent'), skipup('follow_up_sent')],
      'scheduling',
      ['on_requested', 'on_follow_up'],
    ],
    ['booked', BOOKED, 'booked', ['on_requested', 'on_booked']],
    ['booked, told twice', [...BOOKED, skipup('booked')], 'booked', ['on_requested', 'on_booked']],
    ['cancelled at SkipUp', [...SCHEDULING, skipup('cancelled')], 'cancelled', ['on_cancelled']],
    [
      'our own cancellation, told before its answer',
      [...SCHEDULING, { type: 'taking_back' }, skipup('cancelled')],
      'scheduling',
      ['on_requested'],
    ],
    ['cancelled by a person', [...SCHEDULING, byHand], 'cancelled', ['on_cancelled']],
    ['cancelled by a person while it had time', [byHand], 'cancelled', ['on_cancelled']],
    [
      'cancelled after it was booked',
      [...BOOKED, skipup('cancelled', '2026-02-11T10:00:00Z')],
      'cancelled',
      ['on_cancelled'],
    ],
    [
      'cancelled, and booked is told late',
      [...SCHEDULING, skipup('cancelled'), skipup('booked', '2026-02-09T10:00:00Z')],
      'cancelled',
      ['on_cancelled'],
    ],
    ['the window passes', [...SCHEDULING, { type: 'deadline_passed' }], 'expired', ['on_expired']],
    ['booked elsewhere, the request still open', [...SCHEDULING, elsewhere], 'scheduling', ['on_requested']],
    [
      'booked elsewhere, the request cancelled',
      [...SCHEDULING, elsewhere, { type: 'called_off' }],
      'booked_elsewhere',
      ['on_booked_elsewhere'],
    ],
    [
      'booked elsewhere while being asked for',
      [...REQUESTING, elsewhere, stopped, { type: 'called_off' }],
      'booked_elsewhere',
      ['on_booked_elsewhere'],
    ],
    [
      'booked elsewhere after a refusal',
      [...REQUESTING, refused, elsewhere],
      'booked_elsewhere',
      ['on_booked_elsewhere'],
    ],
    [
      'the request could not be cancelled',
      [...SCHEDULING, elsewhere, { type: 'not_called_off', message: 'no.' }],
      'scheduling',
      ['on_requested', 'on_attention'],
    ],
    [
      'booked elsewhere and through SkipUp',
      [...SCHEDULING, elsewhere, skipup('booked')],
      'booked',
      ['on_requested', 'on_booked', 'on_attention'],
    ],
    ['news of the booking itself', [...BOOKED, elsewhere], 'booked', ['on_requested', 'on_booked']],
    [
      'nobody settles it',
      [...REQUESTING, refused, { type: 'gave_up', message: 'too long' }],
      'failed',
      ['on_attention'],
    ],
    ['news for one that is over', [byHand, elsewhere], 'cancelled', ['on_cancelled']],
  ])('%s', (_name, events, phase, queue) => {
    const state = following(events);
    expect(state.phase).toBe(phase);
    expect(lists(state)).toEqual(queue);
  });

  it('a booking elsewhere is told off until its request is cancelled, a person asked, or it is booked', () => {
    expect(isCallOffWanted(following([...SCHEDULING, elsewhere]))).toBe(true);
    expect(isCallOffWanted(following([...REQUESTING, elsewhere]))).toBe(true);
    expect(isCallOffWanted(following([...BOOKED, elsewhere]))).toBe(false);
    const troubled = [...SCHEDULING, elsewhere, { type: 'not_called_off', message: 'it is odd.' } as const];
    expect(isCallOffWanted(following(troubled))).toBe(false);
    expect(needsOf(following(troubled))).toEqual([
      'The lead has booked by itself, and its meeting request could not be cancelled: it is odd. Send `cancel`, or `proceed` to try again.',
    ]);
    expect(isCallOffWanted(following([...troubled, { type: 'proceeded' }]))).toBe(true);
  });

  it('a refused request has a key of its own, one without an answer keeps it', () => {
    const again = (events: RecoveryEvent[]) =>
      following([...events, { type: 'proceeded' }, clear, { ...prepared, key: 'other' }]);
    expect(again([...REQUESTING, refused])).toMatchObject({
      revision: 2,
      request: { key: 'other', unanswered: false },
    });
    expect(again([...REQUESTING, stopped])).toMatchObject({
      revision: 1,
      request: { key: 'lead:9f2k1x:recovery:2026-02-08', unanswered: true },
    });
    expect(recoveryKey({ workflowId: 'lead:a:b:recovery:2026-02-08', revision: 1 })).toBe(
      'lead:a:b:recovery:2026-02-08',
    );
    expect(recoveryKey({ workflowId: 'lead:a:b:recovery:2026-02-08', revision: 2 })).toBe(
      'lead:a:b:recovery:r2:2026-02-08',
    );
  });

  it('a request that may exist is called off before the lead is let go', () => {
    const known = following([...REQUESTING, stopped, { type: 'proceeded' }, busy]);
    expect(known.phase).toBe('checking');
    expect(isCallOffWanted(known)).toBe(true);
    const silent = following([...REQUESTING, stopped, { type: 'proceeded' }, out]);
    expect(silent.phase).toBe('needs_attention');
    expect(silent.needs.join()).toMatch(/may not be written to: asked us to/);
  });

  it('another organizer is read, and nothing else happens', () => {
    const changed = following([...SCHEDULING, skipup('organizer_changed')]);
    expect(changed).toMatchObject({ phase: 'scheduling', readWanted: true });
    const view = { requestId: ID, status: 'active', organizerEmail: 'other@yourcompany.example' };
    expect(
      following([...SCHEDULING, { type: 'request_read', view, at: '2026-02-10T10:00:00Z' }]).prepared?.organizer,
    ).toEqual({
      email: 'other@yourcompany.example',
      from: 'SkipUp',
    });
  });
});

describe('what a person may send a recovery', () => {
  const IN: Record<RecoveryPhase, RecoveryEvent[]> = {
    waiting: WAITING,
    checking: CHECKING,
    needs_attention: [...CHECKING, clear, nobody],
    requesting: REQUESTING,
    scheduling: SCHEDULING,
    paused: [...SCHEDULING, skipup('paused')],
    booked: BOOKED,
    booked_elsewhere: [elsewhere],
    cancelled: [byHand],
    expired: [...SCHEDULING, { type: 'deadline_passed' }],
    opted_out: [...CHECKING, out],
    failed: [...REQUESTING, refused, { type: 'gave_up', message: 'too long' }],
  };

  it.each<[RecoveryPhase, string]>([
    ['waiting', 'proceed changeOrganizer cancel'],
    ['checking', 'cancel'],
    ['needs_attention', 'proceed changeOrganizer cancel'],
    ['requesting', 'cancel'],
    ['scheduling', 'changeOrganizer updateContext pause cancel'],
    ['paused', 'changeOrganizer updateContext resume cancel'],
    ['booked', ''],
    ['booked_elsewhere', ''],
    ['cancelled', ''],
    ['expired', ''],
    ['opted_out', ''],
    ['failed', ''],
  ])('while it is %s: %s', (phase, names) => {
    const state = following(IN[phase]);
    expect(state.phase).toBe(phase);
    expect(
      possibleCommands(state)
        .map(({ name }) => name)
        .join(' '),
    ).toBe(names);
  });

  it('covers every phase', () => {
    expect(Object.keys(IN)).toEqual([...RECOVERY_PHASES]);
  });

  it('says in a sentence why not', () => {
    const wrong: [Command, RegExp][] = [
      [{ name: 'pause' }, /^pause is possible while the recovery is scheduling; it is waiting now\.$/],
      [{ name: 'cancel', input: { reason: '' } }, /^reason: say why/],
      [{ name: 'changeOrganizer', input: { email: 'nobody' } }, /^email: /],
      [{ name: 'retryStep', input: { id: 'x' } }, /it is waiting now\.$/],
    ];
    for (const [command, sentence] of wrong)
      expect(problemsOf(command, following(WAITING)).join(' ')).toMatch(sentence);
  });
});

describe('news of a booking', () => {
  it.each([
    [{ key: 'k', at: '2026-02-08T10:00:00Z' }, true],
    [{ key: 'k', at: '2026-02-08T10:00:00Z', meeting: 'Demo' }, true],
    [{ key: 'k', at: 'yesterday' }, false],
    [{ key: 1, at: '2026-02-08T10:00:00Z' }, false],
    [{ key: 'k', at: '2026-02-08T10:00:00Z', meeting: {} }, false],
    [undefined, false],
    ['booked', false],
  ])('%j is %s', (value, isRight) => {
    expect(isLeadBooked(value)).toBe(isRight);
  });
});

describe('a request that may exist', () => {
  const email = 'colleague@yourcompany.example';

  it('keeps its key under another organizer who has it by now', () => {
    const state = following([...REQUESTING, stopped, { type: 'organizer_named', email }]);
    expect(state).toMatchObject({
      phase: 'checking',
      revision: 1,
      request: { unanswered: true },
      prepared: { organizer: { email } },
    });
  });

  it('has another key when SkipUp has none under the first', () => {
    const state = following([...REQUESTING, stopped, { type: 'organizer_named', email, neverMade: true }]);
    expect(state).toMatchObject({ phase: 'checking', revision: 2, organizerEmail: email });
    expect(state.request).toBeUndefined();
  });

  it('has a window and a key of its own once its window has passed', () => {
    const passed = (wasSent: boolean) => following([...REQUESTING, { type: 'window_passed', wasSent }]);
    expect([passed(true), passed(false)].map(({ revision, request }) => [revision, request])).toEqual([
      [2, undefined],
      [1, undefined],
    ]);
  });
});

describe('a window that passes', () => {
  it('says so when its request stays open at SkipUp', () => {
    expect(following([...SCHEDULING, { type: 'deadline_passed', trouble: 'forbidden' }])).toMatchObject({
      phase: 'expired',
      reason: 'the window has passed without a booking; its request could not be cancelled at SkipUp (forbidden)',
    });
  });
});
