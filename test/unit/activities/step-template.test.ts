import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factsInWords } from '../../../activities/steps/facts-in-words.ts';
import { fillTemplate } from '../../../activities/steps/template.ts';
import { faultsOfTemplate, pathsIn, TEMPLATE_NAMES } from '../../../config/templates.ts';
import { dealSchema, formSubmissionSchema, leadSchema } from '../../../crm/port.ts';
import { deal, resolution } from '../workflows/fixtures.ts';

describe('a step’s template', () => {
  it.each([
    ['{{people.email}}', 'a@x.example, b@x.example'],
    ['{{people.1.email}}', 'b@x.example'],
    ['{{people.2.email}}', ''],
    ['{{people.roles}}', 'champion, billing'],
    ['{{steps.a-b.ids.x}}', '7'],
    ['{{ steps.a-b.ids.x }}', '7'],
    ['{{flag}} {{zero}}', 'true 0'],
    ['{{people}}', ''],
    ['{{people.length}}', ''],
    ['{{a.b}} {{}} {{ }} {{a b}}', ' {{}} {{ }} {{a b}}'],
  ])('%s shows %j', (template, shown) => {
    const data = {
      people: [
        { email: 'a@x.example', roles: ['champion', 'billing'] },
        { email: 'b@x.example', roles: [] },
      ],
      steps: { 'a-b': { ids: { x: '7' } } },
      flag: true,
      zero: 0,
    };
    expect(fillTemplate(template, data)).toBe(shown);
  });

  it('has its values written as the text around them wants it', () => {
    expect(fillTemplate('<b>{{a}}</b>', { a: '<i>' }, (value) => value.replaceAll('<', '&lt;'))).toBe('<b>&lt;i></b>');
  });

  /** Names of what every object has, and some of ours. */
  const name = fc.oneof(
    fc.constantFrom(
      'constructor',
      '__proto__',
      'prototype',
      'toString',
      'length',
      'hasOwnProperty',
      'call',
      'at',
      'a',
      'b',
      '0',
    ),
    fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/),
  );
  const path = fc.array(name, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('.'));
  const word = fc.string({ maxLength: 12 });

  it('never reaches beyond its data, whatever the path', () => {
    const reached: string[] = [];
    const trap = (of: string) => {
      reached.push(of);
      return 'beyond';
    };
    class Guarded {
      a = 'own';
      get inherited() {
        return trap('a getter');
      }
      toString() {
        return trap('toString');
      }
    }
    const data = { a: { b: 'x', call: () => trap('a function') }, b: [new Guarded()], call: () => trap('a function') };
    fc.assert(
      fc.property(path, (any) => {
        const shown = fillTemplate(`{{${any}}}`, data);
        expect(['', 'x', 'own']).toContain(shown);
      }),
      { numRuns: 500 },
    );
    expect(reached).toEqual([]);
    expect(fillTemplate('{{b.inherited}}{{b.toString}}{{b}}', data)).toBe('');
  });

  it('shows every own value of plain data at its path, and leaves the text around it alone', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/), word), word, (data, around) => {
        fc.pre(!around.includes('{') && !around.includes('}'));
        for (const [key, value] of Object.entries(data)) {
          expect(fillTemplate(`${around}{{x.${key}}}${around}`, { x: data })).toBe(`${around}${value}${around}`);
        }
      }),
    );
  });

  it('fills once: what is filled in is not a template', () => {
    fc.assert(
      fc.property(path, (any) => {
        expect(fillTemplate('{{a}}', { a: `{{${any}}}` })).toBe(`{{${any}}}`);
      }),
    );
  });

  it('names what the check at start-up reads in it, neither more nor less', () => {
    const piece = fc.oneof(path, fc.constantFrom('{{', '}}', ' ', '{', '\n', '|'), word);
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
        (template) => {
          const filled: string[] = [];
          fillTemplate(template, {}, (value) => {
            filled.push(value);
            return value;
          });
          expect(pathsIn(template)).toHaveLength(filled.length);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is done with long and hostile texts', () => {
    expect(fillTemplate('{{'.repeat(50_000), {})).toHaveLength(100_000);
    expect(fillTemplate(`{{${' '.repeat(100_000)}`, {})).toHaveLength(100_002);
    expect(faultsOfTemplate('{{'.repeat(50_000), TEMPLATE_NAMES.kickoff.steps)).toEqual([]);
  });
});

describe('the names of templates', () => {
  const { steps: kickoff } = TEMPLATE_NAMES.kickoff;
  const { steps: recovery } = TEMPLATE_NAMES.recovery;

  it('are those that deal, lead and form have', () => {
    expect(Object.keys(kickoff.deal).sort()).toEqual(Object.keys(dealSchema.shape).sort());
    expect(Object.keys(recovery.lead).sort()).toEqual(Object.keys(leadSchema.shape).sort());
    const more = ['answer', 'submittedOn'];
    expect(Object.keys(recovery.form).sort()).toEqual([...Object.keys(formSubmissionSchema.shape), ...more].sort());
  });

  it('are all there, and filled', () => {
    const [jamie] = resolution.participants;
    const facts = {
      vendor: 'V',
      deal,
      organizer: { email: 'o@v.example', from: 'registry' },
      participants: resolution.participants,
      meeting: { followUps: 2, timeframe: { start: 's', end: 'e' } },
      needs: ['One.', 'Two.'],
      reason: 'r',
      steps: { a: { detail: 'd', ids: {} } },
      escalation: { level: 'csm' as const, followUps: 3, since: 't' },
      manager: 'm@v.example',
      left: ['A task.', 'A mail.'],
    };
    const data = factsInWords(facts, 'http://ui');
    expect(Object.keys(data).sort()).toEqual(Object.keys(kickoff).sort());
    expect(
      fillTemplate('{{needs}} {{left}} {{links.kickoff}} {{roles.champion.email}} {{sides.customer.email}}', data),
    ).toBe(`One. Two. A task. A mail. http://ui ${jamie?.email} ${jamie?.email}`);
  });

  it('show a form’s answers in words, and each alone', () => {
    const form = { name: 'Demo', submittedAt: '2026-02-10T09:00:00Z', answers: { Budget: '10k', __proto__x: 'y' } };
    const facts = { vendor: 'V', form, participants: [], meeting: { followUps: 0 }, needs: [] };
    expect(
      fillTemplate('{{form.answers}} / {{form.answer.Budget}} / {{form.submittedOn}}', factsInWords(facts, '')),
    ).toBe('Budget: 10k. __proto__x: y / 10k / 2026-02-10');
  });
});
