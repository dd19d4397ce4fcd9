import { describe, expect, it } from 'vitest';
import { kickoffLine, kickoffText } from '../../../cli/kickoff-text.ts';
import type { KickoffStatus } from '../../../workflows/messages.ts';
import { resolution } from '../workflows/fixtures.ts';

const { organizer, participants, timeframe } = resolution;
const status: KickoffStatus = {
  workflowId: 'kickoff:5012345678:data',
  phase: 'onboarding',
  dealId: '5012345678',
  dealName: 'Acme Corp – Enterprise',
  account: 'Acme Corp',
  revision: 2,
  waitingFor: 'a late cancellation, until 2026-02-22T04:59:59Z',
  needs: ['Step status failed: refused'],
  ...(organizer && { organizer }),
  participants,
  excluded: [{ name: 'Sam Rivera', reason: 'opted out' }],
  gaps: [
    { code: 'missing_role', severity: 'warn', message: 'No IT lead.', acceptable: true },
    { code: 'no_lead', severity: 'block', message: 'Nobody leads.', acceptable: true },
  ],
  request: { key: 'impl:5012345678:kickoff:r2:2026-02-10', id: 'mr_01', status: 'booked', followUps: 0, timeframe },
  steps: [{ id: 'status', list: 'on_booked', kind: 'crm_status', state: 'failed', detail: 'refused' }],
  commands: [
    { name: 'retryStep', about: 'runs a failed step again', example: { id: 'status' } },
    { name: 'updateContext', about: 'changes the title', example: { title: 'New' } },
  ],
};
const where = { deal: '5012345678', workstream: 'data' };

describe('a kickoff in a terminal', () => {
  it('says what it waits for and needs, who takes part, what blocks first, and what can be done', () => {
    expect(kickoffText(status, where).split('\n')).toEqual([
      'Acme Corp: onboarding',
      'Deal 5012345678, Acme Corp – Enterprise, revision 2',
      'Waits for a late cancellation, until 2026-02-22 04:59 UTC',
      'Needs:',
      '  Step status failed: refused',
      'Request: mr_01 (booked) under impl:5012345678:kickoff:r2:2026-02-10',
      'Window: 2026-02-12 05:00 UTC to 2026-02-22 04:59 UTC',
      'Invited:',
      '  –  jordan.lee@yourcompany.example  organizer  no time zone  registry (account)',
      '  –  jamie.chen@acme-corp.example    champion   no time zone  registry (account)',
      'Left out:',
      '  Sam Rivera: opted out',
      'Missing, and it blocks:',
      '  Nobody leads.',
      'Missing:',
      '  No IT lead.',
      'Steps:',
      '  status: failed · refused',
      'You can:',
      '  kickoff retry-step --step status --deal 5012345678 --workstream data  runs a failed step again',
      '  Temporal UI, update updateContext                                     changes the title',
    ]);
  });

  it('says who was told that nobody books, and what became of the revision before', () => {
    const [step] = status.steps;
    const text = kickoffText(
      {
        ...status,
        escalations: [
          {
            level: 'manager',
            to: 'boss@yourcompany.example',
            followUps: 4,
            since: '2026-02-10T09:00:00Z',
            revision: 2,
            asked: ['Jamie\u001b[2J Chen'],
          },
        ],
        former: { revision: 1, reason: 'the booked meeting was cancelled', requestId: 'mr_00' },
        steps: [
          ...(step === undefined ? [] : [step]),
          { id: 'room', list: 'on_booked', kind: 'own', state: 'left', detail: 'still there', revision: 1 },
          { id: 'older', list: 'on_booked', kind: 'own', state: 'undone', revision: 0 },
        ],
      },
      where,
    ).split('\n');
    const from = (heading: string, lines: number) => text.slice(text.indexOf(heading), text.indexOf(heading) + lines);
    expect(from('Nobody books:', 2)[1]).toMatch(
      /^ {2}the manager \(boss@yourcompany\.example\) was told after 4 follow-ups since 2026-02-10 09:00 UTC · Jamie.?\[2J Chen$/,
    );
    expect(text.join('')).not.toContain('\u001b');
    expect(from('Before, revision 1:', 3)).toEqual([
      'Before, revision 1:',
      '  the booked meeting was cancelled · request mr_00',
      '  room: left · still there',
    ]);
    expect(from('Steps:', 2)[1]).toBe('  status: failed · refused');
    expect(text.join()).not.toContain('older');
  });

  it('a name with control characters cannot steer the terminal', () => {
    const account = 'Acme\u001b[2J\u0007\r\nCorp';
    expect(kickoffLine({ ...status, account }, '')).toBe(
      '(no workstream)  Acme [2J Corp: onboarding, waits for a late cancellation, until 2026-02-22 04:59 UTC',
    );
    expect(kickoffText({ ...status, account }, where)).not.toMatch(/[^\P{Cc}\n]/u);
  });
});
