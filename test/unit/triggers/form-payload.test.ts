import { describe, expect, it } from 'vitest';
import { type LeadSignal, leadIdOfAddress } from '../../../crm/index.ts';
import { formInboxEntry } from '../../../triggers/form-payload.ts';

const SIGNAL: LeadSignal = {
  event: 'form_submitted',
  lead: {},
  submissionKey: 'own:id:1',
  occurredAt: '2026-02-08T15:00:00Z',
  eventType: 'form.submitted',
};

describe('a form in the inbox', () => {
  it.each([
    [{ id: '501' }, '501'],
    [{ email: 'sarah@acme.example' }, leadIdOfAddress('sarah@acme.example')],
    [{ id: 'Sarah@Acme.example', email: 'sarah@acme.example' }, leadIdOfAddress('sarah@acme.example')],
  ])('is filed under a subject without an address: %j', (lead, subject) => {
    expect(formInboxEntry({ ...SIGNAL, lead }, 'generic').subject).toBe(subject);
  });
});
