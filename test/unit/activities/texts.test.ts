import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DESCRIPTION_LIMIT, meetingContext, PURPOSE_LIMIT, TITLE_LIMIT } from '../../../activities/context.ts';
import { cut } from '../../../activities/cut.ts';
import { fillTemplate } from '../../../activities/steps/template.ts';
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

  it.each([
    ['at the end of a sentence', 'One is here. Two is not', 20, 'One is here.'],
    ['after the quotes that close it', 'He said “go.” Then he went away', 20, 'He said “go.”'],
    ['after a question', 'Is it? It is not here', 10, 'Is it?'],
    ['after a word when the sentence would be too little', 'Yes. Everything else is missing', 20, 'Yes. Everything…'],
    ['after a word that just fits', 'alpha beta gamma', 11, 'alpha beta…'],
    ['inside a word only when there is no other', 'abcdefghij', 5, 'abcd…'],
    ['before a character that does not fit whole', 'ab👩‍👩‍👧‍👦cd', 9, 'ab…'],
    ['not at a point inside a word', 'see example.com/a for more', 14, 'see…'],
    ['to nothing when nothing fits', '👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 5, ''],
  ])('are cut %s', (_where, text, limit, short) => {
    expect(cut(text, limit)).toBe(short);
  });

  /** Words of all kinds, some longer than a limit, and the marks between them. */
  const word = fc.oneof(
    fc.constantFrom('One', 'zwei', 'trois', 'x'.repeat(70), '日本語', '👍🏽', 'Acme', 'Inc.', '{{x}}', 'a.b', '„so“'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  );
  const prose = fc
    .array(fc.tuple(word, fc.constantFrom(' ', '. ', '! ', '? ', '\n', ', ', '')), { maxLength: 40 })
    .map((parts) => parts.flat().join(''));

  it('keep the limit for any text, and never end inside a character', () => {
    fc.assert(
      fc.property(prose, fc.integer({ min: 0, max: 120 }), (text, limit) => {
        const short = cut(text, limit);
        expect(short.length).toBeLessThanOrEqual(limit);
        expect(short.isWellFormed()).toBe(true);
        expect(short).toBe(short.trim());
      }),
    );
    expect(cut('x'.repeat(6000), DESCRIPTION_LIMIT)).toHaveLength(DESCRIPTION_LIMIT);
  });

  it('end with a sentence or a whole word wherever there is one to end with', () => {
    fc.assert(
      fc.property(prose, fc.integer({ min: 2, max: 120 }), (text, limit) => {
        const whole = text.trim();
        const short = cut(text, limit);
        if (short === whole || short === '') return;
        const kept = short.endsWith('…') && !whole.startsWith(short) ? short.slice(0, -1) : short;
        expect(whole.startsWith(kept)).toBe(true);
        const next = whole.slice(kept.length, kept.length + 1);
        const endsWord = /\s/.test(next);
        // Else it is one word, longer than the limit.
        if (!endsWord) expect(/\s/.test(whole.slice(0, limit))).toBe(false);
      }),
    );
  });

  it('name every person who finds room, in order, and count the others', () => {
    const people = Array.from({ length: 50 }, (_, n) => ({
      ...resolution.participants[0],
      email: `p${n}@acme.example`,
      name: `Person ${n} ${'of the Long Name '.repeat(8).trim()}`,
      side: 'customer' as const,
      roles: ['champion', 'project_lead', 'billing'],
      attendance: 'required' as const,
      from: 'CRM',
    }));
    const { description } = meetingContext(texts, { deal, organizer: undefined, participants: people });
    expect(description.length).toBeLessThanOrEqual(DESCRIPTION_LIMIT);
    expect(description).toContain('is the champion, project lead and billing contact.');
    const named = [...description.matchAll(/Person (\d+) /g)].map((match) => Number(match[1]));
    expect(named).toEqual(named.map((_, index) => index));
    expect(description).toMatch(new RegExp(`\\. ${50 - named.length} more people are invited\\.$`));
  });

  it('keep every limit whatever the texts and the people', () => {
    const person = fc.record({
      email: fc.constant('a@acme.example'),
      name: fc.oneof(prose, fc.constant('x'.repeat(3000))),
      side: fc.constant('customer' as const),
      roles: fc.array(fc.constantFrom('champion', 'it_security', 'our_own', 'r'.repeat(300)), { maxLength: 4 }),
      attendance: fc.constant('required' as const),
      from: fc.constant('CRM'),
    });
    const long = fc.tuple(prose, fc.integer({ min: 1, max: 200 })).map(([text, times]) => text.repeat(times));
    fc.assert(
      fc.property(long, fc.array(person, { maxLength: 50 }), (text, participants) => {
        const context = meetingContext(
          { ...texts, title: text, purpose: text, description: text },
          { deal, organizer: undefined, participants },
        );
        expect(context.title.length).toBeLessThanOrEqual(TITLE_LIMIT);
        expect(context.purpose.length).toBeLessThanOrEqual(PURPOSE_LIMIT);
        expect(context.description.length).toBeLessThanOrEqual(DESCRIPTION_LIMIT);
        // However long the text, the most important person is named.
        const first = participants.find(({ roles }) => roles.length > 0);
        if (first !== undefined) expect(context.description).toMatch(/ is the |more p/);
      }),
      { numRuns: 60 },
    );
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
