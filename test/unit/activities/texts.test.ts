import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, DESCRIPTION_LIMIT, meetingContext } from '../../../activities/context.ts';
import { fillTemplate } from '../../../activities/template.ts';
import { timeframeFrom } from '../../../activities/timeframe.ts';
import { deal, resolution } from '../workflows/fixtures.ts';

describe('a template', () => {
  it('shows what its path leads to', () => {
    expect(fillTemplate('{{deal.name}} / {{ people }}', { deal: { name: 'Acme' }, people: ['A', 'B'] })).toBe(
      'Acme / A, B',
    );
  });

  it.each(['{{constructor}}', '{{deal.__proto__}}', '{{deal.toString}}', '{{deal.name.length}}', '{{missing.path}}'])(
    'shows nothing for %s: only the data’s own fields are in reach',
    (template) => {
      expect(fillTemplate(template, { deal: { name: 'Acme' } })).toBe('');
    },
  );

  it('does not fill what it has filled in', () => {
    expect(fillTemplate('{{a}}', { a: '{{b}}', b: 'secret' })).toBe('{{b}}');
  });
});

describe('the texts for SkipUp', () => {
  const texts = {
    vendor: 'YourCompany',
    title: 'Kickoff: {{deal.account.name}} + {{vendor}}',
    purpose: 'Go',
    description: 'Signed.',
    durationMinutes: 60,
  };

  it('name each person’s role', () => {
    const context = meetingContext(texts, {
      deal,
      organizer: resolution.organizer,
      participants: resolution.participants,
    });
    expect(context.title).toBe('Kickoff: Acme Corp + YourCompany');
    expect(context.description).toBe('Signed. jamie.chen@acme-corp.example is the champion.');
  });

  it('are cut at the end of a sentence', () => {
    expect(cut('One is here. Two is not', 20)).toBe('One is here.');
  });

  it('keep the limit for any text, and never end inside a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.integer({ min: 2, max: 60 }), (text, limit) => {
        const short = cut(text, limit);
        expect(short.length).toBeLessThanOrEqual(limit);
        expect(short.isWellFormed()).toBe(true);
      }),
    );
    expect(cut('x'.repeat(6000), DESCRIPTION_LIMIT)).toHaveLength(DESCRIPTION_LIMIT);
  });
});

describe('the window', () => {
  it('is ten of the organizer’s days, to the last second', () => {
    expect(timeframeFrom('2026-02-10T15:00:00Z', 'America/New_York', { leadDays: 2, windowDays: 10 })).toEqual({
      start: '2026-02-12T05:00:00Z',
      end: '2026-02-22T04:59:59Z',
    });
  });

  it('keeps whole days over the change to summer time', () => {
    expect(timeframeFrom('2026-03-05T15:00:00Z', 'America/New_York', { leadDays: 2, windowDays: 2 })).toEqual({
      start: '2026-03-07T05:00:00Z',
      end: '2026-03-09T03:59:59Z',
    });
  });

  it('starts now when it starts today: SkipUp is never asked for the past', () => {
    expect(timeframeFrom('2026-02-10T15:00:00Z', undefined, { leadDays: 0, windowDays: 1 })).toEqual({
      start: '2026-02-10T15:00:00Z',
      end: '2026-02-10T23:59:59Z',
    });
  });
});
