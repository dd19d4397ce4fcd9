import { describe, expect, it } from 'vitest';
import { linesOf } from '../../../cli/commands/catch-up.ts';
import { details } from '../../../workflows/catch-up/describe.ts';
import type { CaughtUp } from '../../../workflows/messages.ts';

const FROM = '2026-11-20T08:30:00.000Z';
const UNTIL = '2026-11-20T09:15:00.000Z';
const quiet: CaughtUp = { crm: 'hubspot', from: FROM, until: UNTIL, scanned: 1, takenIn: 0, deals: [], lost: [] };
const busy: CaughtUp = {
  ...quiet,
  crm: 'pipedrive',
  scanned: 60,
  takenIn: 52,
  deals: [
    { dealId: '7', name: 'Acme *Corp*\n<b>', wonAt: UNTIL },
    { dealId: '8', wonAt: UNTIL },
  ],
  lost: [{ dealId: '5', stage: 'closedlost' }, { dealId: '6' }],
};

describe('catching up in words', () => {
  it('is short when nothing was missing', () => {
    expect(details({ crms: [quiet], problems: [] }).split('\n')).toEqual([
      '**Nothing was missing.**',
      `- hubspot, changes from ${FROM} to ${UNTIL}: 1 won deal, taken in: 0.`,
    ]);
    expect(linesOf({ crms: [quiet], problems: [] })).toEqual([
      `hubspot: 1 won deal changed from ${FROM} to ${UNTIL}; 0 taken in that no webhook had told`,
    ]);
  });

  it('says what was missing, what could not be asked, and takes no name for Markdown', () => {
    expect(details({ crms: [quiet, busy], problems: ['salesforce: it asks to wait.'] }).split('\n')).toEqual([
      '**52 won deals had told nobody and are taken in. Not won any more: 2.**',
      '- salesforce: it asks to wait.',
      `- hubspot, changes from ${FROM} to ${UNTIL}: 1 won deal, taken in: 0.`,
      `- pipedrive, changes from ${FROM} to ${UNTIL}: 60 won deals, taken in: 52.`,
      `  - \`7\` Acme \\*Corp\\* \\<b\\>, won ${UNTIL}`,
      `  - \`8\`, won ${UNTIL}`,
      '  - and 50 more',
      '  - `5` is not won any more: closedlost',
      '  - `6` is not won any more: gone',
    ]);
    expect(linesOf({ crms: [busy], problems: [] })).toHaveLength(6);
  });

  it('tells one from many', () => {
    const one = { ...quiet, takenIn: 1, deals: [{ dealId: '7', wonAt: UNTIL }] };
    expect(details({ crms: [one], problems: [] })).toContain('**One won deal had told nobody and is taken in.**');
    const lost = { ...quiet, lost: [{ dealId: '7' }] };
    expect(details({ crms: [lost], problems: [] })).toContain('**Not won any more: 1.**');
  });

  it('does not say that nothing was missing when nobody could be asked', () => {
    expect(details({ crms: [], problems: ['A problem.'] })).toBe('**No CRM could be asked.**\n- A problem.');
    expect(details({ crms: [], problems: [] })).toBe('**No CRM is configured that can be asked.**');
    expect(linesOf({ crms: [], problems: [] })).toEqual(['no CRM is configured that can be asked']);
  });
});
