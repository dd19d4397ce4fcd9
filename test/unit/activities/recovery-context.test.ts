import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recoveryContext } from '../../../activities/recovery-context.ts';
import { recoveryPolicySchema } from '../../../config/policy.ts';
import type { FormSubmission, Lead } from '../../../crm/port.ts';

const { vendor, title, purpose, description, durationMinutes } = recoveryPolicySchema.parse({ vendor: 'YourProduct' });
const texts = { vendor, title, purpose, description, durationMinutes };
const form: FormSubmission = {
  name: 'Demo request',
  submittedAt: '2026-02-08T23:30:00Z',
  answers: { 'Company size': '50-200', Why: 'Q2 deadline for vendor selection!' },
};

function contextOf(lead: Partial<Lead>, more: { form?: Partial<FormSubmission>; texts?: Partial<typeof texts> } = {}) {
  const whole: Lead = { id: '1', crm: 'hubspot', email: 'sarah@acme.example', optedOut: false, ...lead };
  const participant = { email: whole.email, side: 'customer', roles: [], attendance: 'required', from: '' } as const;
  return recoveryContext(
    { ...texts, ...more.texts },
    { lead: whole, form: { ...form, ...more.form }, organizer: undefined, participant: { ...participant, roles: [] } },
  );
}

describe('what SkipUp is told of a lead', () => {
  it.each<[string, Partial<Lead>, string, string]>([
    [
      'everything is known',
      { name: 'Sarah Chen', company: 'Acme', jobTitle: 'VP' },
      'Demo: YourProduct for Acme',
      'Sarah Chen (VP, Acme) submitted Demo request on 2026-02-08.',
    ],
    ['no job', { name: 'Sarah Chen', company: 'Acme' }, 'Demo: YourProduct for Acme', 'Sarah Chen (Acme) submitted'],
    [
      'no company',
      { name: 'Sarah Chen', jobTitle: 'VP' },
      'Demo: YourProduct for Sarah Chen',
      'Sarah Chen (VP) submitted',
    ],
    ['a name alone', { name: 'Sarah Chen' }, 'Demo: YourProduct for Sarah Chen', 'Sarah Chen submitted Demo request'],
    ['an address alone', {}, 'Demo: YourProduct for sarah@acme.example', 'sarah@acme.example submitted Demo request'],
    [
      'line breaks',
      { name: 'Sarah\n\nChen', company: ' Acme ' },
      'Demo: YourProduct for Acme',
      'Sarah Chen (Acme) submitted',
    ],
  ])('%s', (_name, lead, wantedTitle, wantedStart) => {
    const context = contextOf(lead);
    expect(context.title).toBe(wantedTitle);
    expect(context.description.startsWith(wantedStart)).toBe(true);
    expect(context.description.endsWith('Company size: 50-200. Why: Q2 deadline for vendor selection!')).toBe(true);
  });

  it('what a lead writes is text, and names nothing', () => {
    const context = contextOf({ name: '{{vendor}} {{form.answers}}' }, { form: { answers: { A: '{{lead.email}}' } } });
    expect(context.description).toContain('{{vendor}} {{form.answers}} submitted');
    expect(context.description).toContain('A: {{lead.email}}.');
  });

  it('single answers may be named', () => {
    const one = contextOf(
      {},
      { form: { answers: { size: '50' } }, texts: { purpose: 'For {{form.answer.size}} people' } },
    );
    expect(one.purpose).toBe('For 50 people');
  });

  it('SkipUp’s limits hold for whatever is filled in', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 3000 });
    fc.assert(
      fc.property(text, text, fc.dictionary(text, text, { maxKeys: 8 }), (name, company, answers) => {
        const context = contextOf({ name, company, jobTitle: company }, { form: { answers } });
        expect(context.title.length).toBeLessThanOrEqual(255);
        expect(context.title.length).toBeGreaterThan(0);
        expect(context.purpose.length).toBeLessThanOrEqual(500);
        expect(context.description.length).toBeLessThanOrEqual(5000);
        expect(context.description.isWellFormed?.() ?? true).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
