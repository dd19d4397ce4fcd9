import { describe, expect, it } from 'vitest';
import { describe as describeKickoff, details } from '../../../workflows/kickoff/describe.ts';
import { initialState, type KickoffState } from '../../../workflows/kickoff/state.ts';
import type { KickoffStatus } from '../../../workflows/messages.ts';
import type { StepRecord } from '../../../workflows/steps/state.ts';
import { deal, input, resolution } from './fixtures.ts';

const key = 'impl:5012345678:kickoff:2026-02-10';
const request = { key, timeframe: resolution.timeframe, firstTriedAt: '2026-02-10T09:00:00Z', unanswered: false };
const failedStep: StepRecord = {
  id: 'status',
  list: 'on_booked',
  kind: 'crm_status',
  occurrence: '1',
  revision: 1,
  state: 'failed',
  detail: 'the CRM refused it',
  holds: true,
};

function statusIn(phase: KickoffState['phase'], more: Partial<KickoffState> = {}, changes: object = {}): KickoffStatus {
  const state = { ...initialState(input), phase, resolution, request, ...more };
  return describeKickoff('kickoff:5012345678', { ...input, deal: { ...deal, ...changes } }, state);
}

const named = (status: KickoffStatus) => status.commands.map((command) => command.name);

describe('what a kickoff says about itself', () => {
  it('names phase, what it waits for, deal, request, people, and what may be sent to it', () => {
    const text = details(statusIn('scheduling', {}, { url: 'https://crm.example/deal/5012345678' }));
    expect(text).toContain('**scheduling** · waits for SkipUp to book a time before 2026-02-22 04:59 UTC');
    expect(text).toContain('(https://crm.example/deal/5012345678)');
    expect(text).toContain(`key \`${key}\``);
    expect(text).toContain('window 2026-02-12 05:00 UTC to 2026-02-22 04:59 UTC');
    expect(text).toContain('- jamie.chen@acme\\-corp.example · champion · no time zone · from registry \\(account\\)');
    expect(text).toContain(
      '- `cancel`, ends the kickoff and its meeting request: `{"reason":"postponed by the customer"',
    );
  });

  it.each<[KickoffState['phase'], string[]]>([
    ['resolving', ['cancel']],
    ['needs_attention', ['proceed', 'changeOrganizer', 'replaceParticipants', 'cancel']],
    ['requesting', ['cancel']],
    ['scheduling', ['changeOrganizer', 'replaceParticipants', 'updateContext', 'pause', 'cancel']],
    ['paused', ['changeOrganizer', 'replaceParticipants', 'updateContext', 'resume', 'cancel']],
    ['done', []],
    ['cancelled', []],
    ['failed', []],
  ])('in phase %s a person may send %j', (phase, commands) => {
    expect(named(statusIn(phase))).toEqual(expect.arrayContaining(commands));
    expect(named(statusIn(phase)).filter((name) => name.endsWith('Step'))).toEqual([]);
  });

  it('names the failed step that may be retried or skipped, and nothing once it has closed', () => {
    const failed = statusIn('onboarding', { steps: [failedStep] });
    expect(failed.commands).toMatchObject([
      { name: 'retryStep', example: { id: 'status' } },
      { name: 'skipStep', example: { id: 'status' } },
    ]);
    expect(details(failed)).toContain('Step status failed: the CRM refused it');
    expect(statusIn('onboarding', { steps: [failedStep], closed: true }).commands).toEqual([]);
  });

  it('stays small with 50 participants, each with the longest of everything', () => {
    const long = 'x'.repeat(5000);
    const participants = Array.from({ length: 50 }, (_, n) => ({
      email: `${n}@${'y'.repeat(240)}.example`,
      name: long,
      side: 'customer' as const,
      roles: [long],
      attendance: 'required' as const,
      timezone: 'America/Argentina/ComodRivadavia',
      from: long,
    }));
    const excluded = participants.map(({ email }) => ({ email, reason: long }));
    const gaps = Array.from({ length: 50 }, () => ({
      code: 'missing_role' as const,
      severity: 'warn' as const,
      message: long,
      acceptable: true,
    }));
    const text = details(
      statusIn('scheduling', {
        resolution: { ...resolution, participants, excluded, gaps },
        needs: gaps.map((g) => g.message),
      }),
    );
    expect(text.match(/· from /g)).toHaveLength(51);
    expect(Buffer.byteLength(text)).toBeLessThan(150_000);
  });

  it.each([
    [
      'Markdown',
      'A **bold** [link](https://evil.example) _x_',
      'A \\*\\*bold\\*\\* \\[link\\]\\(https://evil.example\\) \\_x\\_',
    ],
    ['HTML', '<img src=x onerror=alert(1)> & co', '\\<img src=x onerror=alert\\(1\\)\\> &amp; co'],
    ['lines', 'Acme\n\n# Heading\n- point', 'Acme \\# Heading \\- point'],
    ['a backslash', 'Acme \\', 'Acme \\\\'],
    ['code', '`x`', '\\`x\\`'],
  ])('shows %s in a name as the text it is', (_kind, name, shown) => {
    const text = details(statusIn('scheduling', {}, { account: { id: '9', name }, name }));
    expect(text.split('\n')[2]).toBe(`${shown} · ${shown} · deal \`5012345678\``);
  });

  it.each(['javascript:alert(1)', 'https://x.example/)[y](z', 'https://x.example/a b', 'data:text/html,x', ''])(
    'makes no link of %j',
    (url) => {
      expect(details(statusIn('scheduling', {}, { url }))).not.toContain('](');
    },
  );

  it('an id with a backtick does not end its code', () => {
    expect(details(statusIn('scheduling', {}, { id: '5`*x*' }))).toContain('deal `5’*x*`');
  });
});
