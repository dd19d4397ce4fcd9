import { describe, expect, it } from 'vitest';
import type { SweepReport } from '../../../workflows/messages.ts';
import { details } from '../../../workflows/sweep/describe.ts';

const QUIET: SweepReport = {
  deliveries: { endpoint: 'on', endpointId: 'we_1', takenIn: 0, known: 0 },
  requests: {
    compared: 3,
    takenIn: 0,
    noticed: [],
    underWay: 0,
    gone: [],
    contradictions: [],
    unknownOrganizers: [],
    notes: [],
  },
  problems: [],
};

describe('a sweep in words', () => {
  it('is short when there is nothing to say', () => {
    expect(details(QUIET)).toBe(
      [
        '**Nothing was missing.**',
        '- The webhook endpoint is on.',
        '- 3 open meeting requests compared, noticed and taken in: 0, on their way: 0.',
      ].join('\n'),
    );
  });

  it('says what was missing, and what a person should look at', () => {
    const text = details({
      deliveries: { endpoint: 'off', takenIn: 2, known: 5, advice: 'Make the address answer.' },
      requests: {
        compared: 1,
        takenIn: 1,
        noticed: [{ workflowId: 'kickoff:1', requestId: 'mr_1', event: 'booked' }],
        underWay: 1,
        gone: ['mr_2'],
        contradictions: [{ requestId: 'mr_3', known: 'booked', atSkipUp: 'active' }],
        unknownOrganizers: [
          { email: 'sam@yourcompany.example', kickoffs: ['kickoff:1'], accounts: ['501'], isFallback: true },
        ],
        notes: ['A note.'],
      },
      problems: ['A problem.'],
    });
    expect(text.split('\n')).toEqual([
      '**3 events were missing and are taken in.**',
      '- A problem.',
      '- SkipUp has switched the webhook endpoint off.',
      '- Make the address answer.',
      '- Failed deliveries: 2 taken in, 5 known already.',
      '- 1 open meeting request compared, noticed and taken in: 1, on their way: 1.',
      '  - `kickoff:1`: booked (`mr_1`)',
      '- Not at SkipUp any more: `mr_2`',
      '- `mr_3` is booked here and active at SkipUp: look at it.',
      '- sam@yourcompany.example cannot organize, being no active member of the SkipUp workspace: `kickoff:1`, account 501, the configured fallback',
      '- A note.',
    ]);
  });

  it('does not say that nothing was missing when nothing could be looked at', () => {
    expect(details({ problems: ['SkipUp does not answer.'] })).toBe(
      '**Nothing could be looked at.**\n- SkipUp does not answer.',
    );
  });
});
