import { describe, expect, it } from 'vitest';
import { addressesOf } from '../../../../activities/steps/mail-addresses.ts';
import { contextOf, FACTS } from './context-of.ts';

const LEAD = { id: '1', crm: 'generic', email: 'sarah@acme.example', optedOut: false } as const;

function of(entry: string, lead: object): string[] {
  const { text } = contextOf({ facts: { ...FACTS, participants: [] }, more: { lead: { ...LEAD, ...lead } } });
  return addressesOf(entry, text, 'to').map(({ name, address }) => `${name}|${address}`);
}

describe('the addresses of a mail', () => {
  it.each([
    ['Sarah <eve@evil.example>, Bob', 'Sarah eve@evil.example Bob|sarah@acme.example'],
    ['eve@evil.example, eva@evil.example', 'eve@evil.example eva@evil.example|sarah@acme.example'],
    ['"><eve@evil.example>;', 'eve@evil.example|sarah@acme.example'],
    ['Chen, Sarah', 'Chen Sarah|sarah@acme.example'],
    ['Sarah\r\nBcc: eve@evil.example', 'Sarah Bcc: eve@evil.example|sarah@acme.example'],
    ['', '|sarah@acme.example'],
  ])('are no more than the step names, whatever a lead is called: %j', (name, expected) => {
    expect(of('{{lead.name}} <{{lead.email}}>', { name })).toEqual([expected]);
  });

  it('may be several where a template stands alone', () => {
    const email = 'sarah@acme.example, Alex <alex@acme.example>';
    expect(of('{{lead.email}}; cs@vendor.example', { email })).toEqual([
      '|sarah@acme.example',
      'Alex|alex@acme.example',
      '|cs@vendor.example',
    ]);
  });

  it('that are none are named, and not tried', () => {
    expect(() => of('{{lead.email}}', { email: 'sarah' })).toThrow(/to: "sarah" is no e-mail address/);
    expect(() => of('<{{lead.email}}>', { email: 'a@acme.example, b@acme.example' })).toThrow(/is no e-mail address/);
  });
});
