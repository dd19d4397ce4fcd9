import { describe, expect, it } from 'vitest';
import { details, previewInWords, problemDetails } from '../../../workflows/dispatch/describe.ts';
import type { KickoffPreview } from '../../../workflows/messages.ts';
import { resolution } from './fixtures.ts';

const key = 'impl:5012345678:kickoff:2026-02-10';
const { organizer, participants, timeframe } = resolution;
const preview: KickoffPreview = {
  workflowId: 'kickoff:5012345678',
  key,
  deal: { id: '5012345678', name: 'Acme Corp – Enterprise', account: 'Acme Corp', isWon: true },
  ...(organizer && { organizer }),
  participants,
  excluded: [],
  gaps: [],
  title: 'Kickoff',
  timeframe,
};
const gap = { code: 'no_lead', message: 'Nobody leads.', acceptable: true } as const;

describe('what a dispatch says', () => {
  it.each<[string, Partial<KickoffPreview>, RegExp]>([
    ['starts', {}, /^Would start: 1 person would be asked .* 2026-02-12 05:00 UTC .*, under the key impl:5012345678:/],
    [
      'waits for a person',
      {
        gaps: [
          { ...gap, severity: 'warn' },
          { ...gap, severity: 'block', message: 'No organizer.' },
        ],
      },
      /^Would start, and wait for a person at once: No organizer\.$/,
    ],
    ['joins', { existing: { phase: 'paused', revision: 1, fellThrough: false } }, /^Would join: .* in phase paused\.$/],
    [
      'starts again',
      { existing: { phase: 'cancelled', revision: 1, fellThrough: true } },
      /^Would start again \(the one before is cancelled\): /,
    ],
    [
      'is done',
      { existing: { phase: 'done', revision: 1, fellThrough: false } },
      /^Nothing would start: .*"workstream"/,
    ],
    ['is of an open deal', { warning: 'The deal is not won.' }, /^Would start: .* The deal is not won\.$/],
  ])('of a kickoff that %s', (_name, changes, words) => {
    expect(previewInWords({ ...preview, ...changes })).toMatch(words);
  });

  it('a rehearsal shows key, window, people, and that nothing was done; what blocks comes first', () => {
    const gaps = [
      { ...gap, severity: 'warn' as const },
      { ...gap, severity: 'block' as const, message: 'No organizer.' },
    ];
    const text = details({
      workflowId: preview.workflowId,
      started: false,
      message: 'Would start',
      preview: { ...preview, gaps },
    });
    expect(text).toContain('Only looked at; nothing was started or written.');
    expect(text).toContain(`key \`${key}\``);
    expect(text).toContain('jamie.chen@acme');
    expect(text.indexOf('**blocks:** No organizer.')).toBeLessThan(text.indexOf('Nobody leads.'));
  });

  it('a result links to its kickoff', () => {
    const url = 'http://ui.example/namespaces/default/workflows/kickoff%3A5012345678';
    const text = details({ workflowId: 'kickoff:5012345678', started: true, message: 'It has started.', url });
    expect(text).toContain(`[kickoff:5012345678](${url})`);
  });

  it('problems are a list, and an example can be copied', () => {
    const text = problemDetails(
      'The input is not right:\n- a*b: <x>\nA right one, for a deal of the CRM: {"dealId": "5"}',
    );
    expect(text).toContain('\n- a\\*b: \\<x\\>\n');
    expect(text).toContain('`{"dealId": "5"}`');
  });
});
