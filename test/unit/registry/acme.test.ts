import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { assemble, defaultAssemblyPolicy, parseRegistry } from '../../../registry/index.ts';

it('brings the example account’s registry and the deal’s contacts together as one would by hand', () => {
  const file = readFileSync(new URL('../../../examples/acme/registry.yaml', import.meta.url), 'utf8');
  const { rows } = parseRegistry(file, 'yaml');
  const person = { isPrimary: false, optedOut: false };
  const { organizer, participants, excluded, gaps } = assemble({
    deal: {
      id: '21000000001',
      account: { id: '9087654321', name: 'Acme Corp' },
      owner: { email: 'jordan.lee@yourcompany.example', name: 'Jordan Lee' },
    },
    rows,
    contacts: [
      { ...person, email: 'jamie.chen@acme-corp.example', name: 'Jamie Chen', labels: [], isPrimary: true },
      {
        ...person,
        email: 'Alex.Ross@acme-corp.example',
        name: 'Alex Ross',
        labels: ['Executive sponsor'],
        timezone: 'America/Los_Angeles',
      },
      {
        ...person,
        email: 'taylor.kim@acme-corp.example',
        name: 'Taylor Kim',
        labels: ['Billing contact'],
        timezone: 'America/Chicago',
      },
      { ...person, email: 'morgan.diaz@acme-corp.example', name: 'Morgan Diaz', labels: ['IT contact'] },
    ],
    policy: defaultAssemblyPolicy,
    today: '2026-02-10',
  });
  expect(organizer).toEqual({
    email: 'jordan.lee@yourcompany.example',
    name: 'Jordan Lee',
    timezone: 'America/New_York',
    from: 'registry (account)',
  });
  expect(participants.map(({ name, timezone, roles, from }) => [name, timezone, roles.join(' '), from])).toEqual([
    ['Jamie Chen', 'America/New_York', 'champion project_lead primary', 'registry (account)'],
    ['Alex Ross', 'America/Los_Angeles', 'executive_sponsor', 'CRM (Executive sponsor)'],
    ['Pat Kumar', 'America/Chicago', 'integration_specialist', 'registry (account)'],
    ['Taylor Kim', 'America/Chicago', 'billing', 'CRM (Billing contact)'],
  ]);
  expect(excluded).toEqual([
    { email: 'morgan.diaz@acme-corp.example', name: 'Morgan Diaz', reason: 'opted out: asked not to be contacted' },
  ]);
  expect(gaps.map((gap) => [gap.severity, gap.code, gap.role])).toEqual([['warn', 'missing_role', 'it_security']]);
});
