import { expect, it } from 'vitest';
import { type Check, checksOf, type HealthFacts } from '../../../console/health/checks.ts';
import { html } from '../../../console/page/html.ts';

const now = new Date('2026-02-10T12:00:00Z');
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);

const well: HealthFacts = {
  inbox: {
    pending: 0,
    pendingSince: undefined,
    unmatched: 0,
    dead: 0,
    oldestDead: [],
    lastReceived: [{ source: 'skipup', at: minutesAgo(3) }],
  },
  sweeps: [
    {
      part: 'deliveries',
      swept_at: minutesAgo(4),
      succeeded_at: minutesAgo(4),
      findings: { endpoint: 'on' },
      problem: null,
    },
  ],
  catchUps: [],
  temporal: {
    isReachable: true,
    queues: [{ name: 'kickoff', isAttended: true }],
    backfills: [],
    sweep: { isPaused: false, note: '', everyMinutes: 5 },
    catchUp: undefined,
  },
  crms: ['hubspot'],
  now,
};
const { temporal } = well;

function told(changes: Partial<HealthFacts>, name: string): string {
  const check = checksOf({ ...well, ...changes }, 'UTC').find((one) => one.name === name);
  return check === undefined ? '' : words(check);
}

function words({ state, says, todo }: Check): string {
  return `${state}: ${html`${says} ${todo}`.toString().replace(/<[^>]+>/g, '')}`;
}

it('is fine when everything runs', () => {
  expect(checksOf(well, 'UTC').map(({ name, path, state }) => [name, path, state])).toEqual([
    ['Webhooks and inbox', '/inbox', 'fine'],
    ['Temporal', undefined, 'fine'],
    ['Workers', undefined, 'fine'],
    ['Sweep of SkipUp', '/webhooks', 'fine'],
    ['Backfills', '/backfills', 'fine'],
  ]);
});

it('says what waits and is not taken on, and what could not be delivered', () => {
  const { inbox } = well;
  const name = 'Webhooks and inbox';
  expect(told({ inbox: { ...inbox, pending: 2, pendingSince: minutesAgo(1) } }, name)).toMatch(/^fine: .*2 pending/);
  const stuck = { ...inbox, pending: 1_001, pendingSince: minutesAgo(10) };
  expect(told({ inbox: stuck }, name)).toMatch(/^late: .*more than 1,000 pending.*Is kickoff serve running/);
  expect(told({ inbox: { ...inbox, dead: 3 } }, name)).toMatch(/^trouble: .*3 could not be delivered/);
  expect(told({ inbox: { ...inbox, lastReceived: [] } }, name)).toBe('quiet: Nothing has come in yet. ');
});

it('tells a sweep that is late, paused or did not get through from one that is on time', () => {
  const name = 'Sweep of SkipUp';
  const [sweep] = well.sweeps;
  if (sweep === undefined || !temporal.isReachable) throw new Error('there is one');
  const late = [{ ...sweep, swept_at: minutesAgo(16) }];
  expect(told({ sweeps: late }, name)).toMatch(/^late: It last ran 16 min ago.*due every 5 min/);
  const hourly = { ...temporal, sweep: { isPaused: false, note: '', everyMinutes: 60 } };
  expect(told({ sweeps: late, temporal: hourly }, name)).toMatch(/^fine/);
  const paused = { ...temporal, sweep: { isPaused: true, note: 'SkipUp is moving', everyMinutes: 5 } };
  expect(told({ temporal: paused }, name)).toMatch(/^late: .*Its Schedule is paused: SkipUp is moving/);
  expect(told({ sweeps: [{ ...sweep, problem: 'SkipUp refuses the key.' }] }, name)).toMatch(
    /^trouble: .*refuses the key/,
  );
  expect(told({ sweeps: [{ ...sweep, findings: { endpoint: 'missing' } }] }, name)).toMatch(/^trouble: .*no endpoint/);
  expect(told({ sweeps: [] }, name)).toBe('quiet: It has not run yet. ');
});

it('says that Temporal does not answer, that nobody works, and which backfills run', () => {
  expect(told({ temporal: { isReachable: false } }, 'Temporal')).toMatch(/^trouble: It does not answer/);
  if (!temporal.isReachable) throw new Error('it is');
  const queues = ['kickoff', 'skipup'].map((name) => ({ name, isAttended: false }));
  expect(told({ temporal: { ...temporal, queues } }, 'Workers')).toMatch(
    /^trouble: .*queues kickoff and skipup.*kickoff worker/,
  );
  expect(told({ temporal: { ...temporal, backfills: ['backfill:2025'] } }, 'Backfills')).toMatch(
    /^fine: Running: backfill:2025/,
  );
});

it('tells of catching up with each CRM that is configured', () => {
  const row = {
    ...{ crm: 'hubspot', since: now, checkpoint: minutesAgo(20), window_until: null, cursor: null },
    ...{ looked_at: now, findings: {}, problem: null },
  };
  const name = 'Catching up with HubSpot';
  expect(told({ catchUps: [row] }, name)).toMatch(/^fine: Looked through to/);
  expect(told({ catchUps: [{ ...row, checkpoint: minutesAgo(46) }] }, name)).toMatch(/^late/);
  expect(told({ catchUps: [{ ...row, problem: 'The token is not accepted.' }] }, name)).toMatch(/^trouble: .*token/);
  expect(told({ catchUps: [row], crms: [] }, name)).toBe('');
});
