import { describe, expect, it } from 'vitest';
import {
  type AssemblyContact,
  type CrmSync,
  compareCrm,
  defaultAssemblyPolicy,
  type Stakeholder,
} from '../../../registry/index.ts';

const contact = (name: string, more: Partial<AssemblyContact> = {}): AssemblyContact => ({
  id: `c-${name}`,
  email: `${name}@acme.example`,
  labels: ['Champion'],
  isPrimary: false,
  optedOut: false,
  ...more,
});
const row = (name: string, more: Partial<Stakeholder> = {}): Stakeholder => ({
  accountId: 'acme',
  dealId: '1',
  email: `${name}@acme.example`,
  side: 'customer',
  roles: ['champion'],
  attendance: {},
  optedOut: false,
  source: 'crm',
  ...more,
});
const compare = (known: Stakeholder[], contacts: AssemblyContact[], more: Partial<CrmSync> = {}) => {
  const differences = compareCrm(known, {
    crm: 'hubspot',
    deal: { id: '1', account: { id: 'acme', name: 'Acme' }, owner: { email: 'olga@vendor.example' } },
    contacts,
    roleOfLabel: defaultAssemblyPolicy.roleOfLabel,
    today: '2026-02-10',
    ...more,
  });
  const { added, changed, ended, unchanged } = differences;
  const told = (list: { after: Stakeholder; fields: string[] }[]) =>
    list.map(({ after, fields }) => `${after.email.split('@')[0]} ${fields.join(' ')}`);
  return {
    added: added.map(({ email }) => email.split('@')[0]),
    changed: told(changed),
    ended: told(ended),
    unchanged: unchanged.map(({ email }) => email.split('@')[0]),
    differences,
  };
};

describe('taking a deal’s contacts over', () => {
  it('makes a row for the deal of each labelled contact, with where it comes from', () => {
    const { differences } = compare([], [contact('ann', { name: ' Ann\nLee ', timezone: 'Asia/Tokyo' })]);
    expect(differences.added).toEqual([
      row('ann', {
        name: 'Ann Lee',
        timezone: 'Asia/Tokyo',
        timezoneSource: 'crm',
        sourceRef: 'hubspot contact c-ann',
      }),
    ]);
  });

  it('leaves contacts without a label or an address and the vendor’s own people out', () => {
    const contacts = [
      contact('ann', { labels: [' '] }),
      contact('bob', { email: 'bob at acme' }),
      contact('cid', { email: undefined }),
      contact('sam', { email: 'Sam@vendor.example' }),
    ];
    expect(compare([], contacts).added).toEqual([]);
  });

  it('takes two contacts of one address for one person with the roles of both', () => {
    const { differences } = compare(
      [],
      [contact('ann'), contact('ann', { email: 'ANN@acme.example', labels: ['Billing'] })],
    );
    expect(differences.added).toMatchObject([{ email: 'ann@acme.example', roles: ['champion', 'billing'] }]);
  });

  it('changes its own rows and nobody else’s', () => {
    const known = [
      row('ann'),
      row('bob', { source: 'manual', roles: [] }),
      row('cid', { source: 'import', roles: [] }),
      row('dan', { dealId: '2' }),
    ];
    const contacts = ['ann', 'bob', 'cid', 'dan'].map((name) => contact(name, { labels: ['Billing contact'] }));
    expect(compare(known, contacts)).toMatchObject({
      added: ['dan'],
      changed: ['ann roles'],
      ended: [],
      unchanged: ['bob', 'cid'],
    });
  });

  it('ends its rows of contacts that have no label any more, and lets them come back', () => {
    expect(compare([row('ann'), row('bob', { source: 'manual' })], [])).toMatchObject({
      ended: ['ann activeTo'],
      changed: [],
    });
    const gone = row('ann', { activeTo: '2026-02-09' });
    expect(compare([gone], [])).toMatchObject({ ended: [], changed: [] });
    expect(compare([gone], [contact('ann')]).changed).toEqual(['ann activeTo']);
  });

  it('opts out in every row whoever opted out in the CRM, also in those made by hand', () => {
    const known = [row('ann', { source: 'manual' }), row('ann', { dealId: '2', source: 'import' }), row('bob')];
    const { differences } = compare(known, [contact('ann', { optedOut: true, labels: [] }), contact('bob')]);
    expect(differences.changed.map(({ after }) => [after.dealId, after.optedOut, after.optedOutReason])).toEqual([
      ['1', true, 'opted out of e-mail in the CRM'],
      ['2', true, 'opted out of e-mail in the CRM'],
    ]);
  });

  it('opts nobody in again', () => {
    const { changed, unchanged, differences } = compare(
      [row('ann', { optedOut: true, optedOutReason: 'asked' })],
      [contact('ann')],
    );
    expect([changed, unchanged]).toEqual([[], ['ann']]);
    expect(differences.keptOptedOut).toHaveLength(1);
  });

  it('changes nothing the second time, whatever the contact is called', () => {
    const names = ['Ann', '', '\uD800x', `${'y'.repeat(199)}🎉`, 'a\0b', '  '];
    const contacts = names.map((name, index) => contact(`p${index}`, { name }));
    const first = compare([], contacts).differences.added;
    expect(first).toHaveLength(names.length);
    expect(compare(first, contacts)).toMatchObject({ added: [], changed: [], ended: [] });
    for (const { name } of first) expect((name ?? 'x').isWellFormed()).toBe(true);
  });
});
