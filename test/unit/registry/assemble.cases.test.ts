import { describe, expect, it } from 'vitest';
import {
  type AssembleInput,
  type AssemblyContact,
  assemble,
  defaultAssemblyPolicy,
  type Stakeholder,
} from '../../../registry/index.ts';

const DEAL = {
  id: '1',
  account: { id: 'acme', name: 'Acme' },
  owner: { email: 'owner@vendor.example', name: 'Olga Owner', timezone: 'America/New_York' },
};

/** The account's row of a customer, unless said otherwise. */
function row(name: string, more: Partial<Stakeholder> = {}): Stakeholder {
  return {
    accountId: 'acme',
    email: `${name}@acme.example`,
    side: 'customer',
    roles: [],
    attendance: {},
    timezone: 'Europe/Berlin',
    timezoneSource: 'person',
    optedOut: false,
    source: 'import',
    ...more,
  };
}

function dealRow(name: string, more: Partial<Stakeholder> = {}): Stakeholder {
  return row(name, { dealId: '1', ...more });
}

function without(person: Stakeholder, ...fields: (keyof Stakeholder)[]): Stakeholder {
  const copy = { ...person };
  for (const field of fields) delete copy[field];
  return copy;
}

function contact(name: string, more: Partial<AssemblyContact> = {}): AssemblyContact {
  return {
    id: `c-${name}`,
    email: `${name}@acme.example`,
    labels: [],
    isPrimary: false,
    optedOut: false,
    timezone: 'Europe/Paris',
    ...more,
  };
}

const csLead = (name: string, more: Partial<Stakeholder> = {}) =>
  row(name, { email: `${name}@vendor.example`, side: 'vendor', roles: ['cs_lead'], ...more });

const run = (input: Partial<AssembleInput> = {}) =>
  assemble({ deal: DEAL, rows: [], contacts: [], policy: defaultAssemblyPolicy, today: '2026-02-10', ...input });

const emails = (input: Partial<AssembleInput>) => run(input).participants.map((person) => person.email.split('@')[0]);
const only = (input: Partial<AssembleInput>) => {
  const { participants } = run(input);
  expect(participants).toHaveLength(1);
  return participants[0];
};
const excluded = (input: Partial<AssembleInput>) =>
  Object.fromEntries(run(input).excluded.map((person) => [person.email ?? person.name ?? '?', person.reason]));
const gapCodes = (input: Partial<AssembleInput>) =>
  run(input).gaps.map((gap) => (gap.role === undefined ? gap.code : `${gap.code} ${gap.role}`));

interface Case {
  name: string;
  input: Partial<AssembleInput>;
  /** Who is invited, in order, by the part before the @. */
  invited?: string[];
  /** Part of the only participant. */
  person?: object;
  /** Who is left out, and why. */
  out?: Record<string, string>;
  /** Part of the organizer; null: there is none. */
  organizer?: object | null;
}

const cases: Case[] = [
  // ---- merging and precedence
  {
    name: 'an account row and a contact of the same address are one person',
    input: { rows: [row('ann')], contacts: [contact('ann')] },
    invited: ['ann'],
  },
  {
    name: 'addresses are the same in any casing and with blanks around them',
    input: { rows: [row('ann')], contacts: [contact('ann', { email: '  ANN@Acme.Example ' })] },
    invited: ['ann'],
  },
  {
    name: 'two people of one name are two people',
    input: { rows: [row('ann', { name: 'Ann Lee' }), row('anna', { name: 'Ann Lee' })] },
    invited: ['ann', 'anna'],
  },
  {
    name: 'roles of all entries are united, most important first',
    input: {
      rows: [dealRow('ann', { roles: ['billing'] }), row('ann', { roles: ['champion'] })],
      contacts: [contact('ann', { labels: ['Executive sponsor'] })],
    },
    person: { roles: ['champion', 'executive_sponsor', 'billing'] },
  },
  {
    name: 'a deal row names before a labelled contact',
    input: {
      rows: [dealRow('ann', { name: 'Deal' })],
      contacts: [contact('ann', { name: 'Crm', labels: ['Champion'] })],
    },
    person: { name: 'Deal', from: 'registry (deal)' },
  },
  {
    name: 'a manual entry for the deal comes before an imported one',
    input: {
      rows: [
        dealRow('ann', { name: 'Imported', side: 'customer' }),
        dealRow('ann', { name: 'By hand', source: 'manual' }),
      ],
    },
    person: { name: 'By hand' },
  },
  {
    name: 'a labelled contact comes before an account row',
    input: {
      rows: [row('ann', { name: 'Account' })],
      contacts: [contact('ann', { name: 'Crm', labels: ['Billing contact'] })],
    },
    person: { name: 'Crm', from: 'CRM (Billing contact)', roles: ['billing'] },
  },
  {
    name: 'an account row comes before a contact without a label',
    input: { rows: [row('ann', { name: 'Account' })], contacts: [contact('ann', { name: 'Crm' })] },
    person: { name: 'Account', from: 'registry (account)' },
  },
  {
    name: 'a primary contact without a label is no more than any other contact',
    input: { rows: [row('ann', { name: 'Account' })], contacts: [contact('ann', { name: 'Crm', isPrimary: true })] },
    person: { name: 'Account', from: 'registry (account)', roles: ['primary'] },
  },
  {
    name: 'a name that the decisive entry lacks comes from the next',
    input: { rows: [dealRow('ann')], contacts: [contact('ann', { name: 'Ann Lee' })] },
    person: { name: 'Ann Lee', from: 'registry (deal)' },
  },
  {
    name: 'a contact alone is a customer who must come',
    input: { contacts: [contact('ann')] },
    person: { side: 'customer', attendance: 'required', from: 'CRM', roles: [] },
  },
  {
    name: 'a label that means nothing to us is no role, and counts as a label',
    input: { contacts: [contact('ann', { labels: ['Influencer'] })] },
    person: { roles: [], from: 'CRM (Influencer)' },
  },
  {
    name: 'a label in any casing that is the name of a role is that role',
    input: { contacts: [contact('ann', { labels: ['PLATFORM ADMIN', 'Data-migration owner'] })] },
    person: { roles: ['platform_admin', 'data_migration_owner'] },
  },
  {
    name: 'two contacts of one address are one person with both labels',
    input: { contacts: [contact('ann', { labels: ['Champion'] }), contact('ann', { labels: ['Billing contact'] })] },
    person: { roles: ['champion', 'billing'] },
  },
  {
    name: 'rows of another account do not count',
    input: { rows: [row('ann', { accountId: 'globex' }), row('bob')] },
    invited: ['bob'],
  },
  {
    name: 'rows of another deal do not count',
    input: { rows: [row('ann', { dealId: '2' }), row('bob')] },
    invited: ['bob'],
  },
  {
    name: 'people come by rank of role, then by address',
    input: {
      rows: [
        row('zoe', { roles: ['champion'] }),
        row('bob'),
        row('amy', { roles: ['billing'] }),
        row('eve', { roles: ['executive_sponsor', 'billing'] }),
        row('abe'),
        row('own', { roles: ['astronaut'] }),
      ],
    },
    invited: ['zoe', 'eve', 'amy', 'own', 'abe', 'bob'],
  },

  // ---- attendance
  {
    name: 'somebody who need not come to a kickoff is left out',
    input: { rows: [row('ann', { attendance: { kickoff: 'none' } }), row('bob')] },
    invited: ['bob'],
    out: { 'ann@acme.example': 'not needed at the kickoff' },
  },
  {
    name: 'the deal’s row decides about attendance, also by saying nothing',
    input: { rows: [dealRow('ann'), row('ann', { attendance: { kickoff: 'none' } })] },
    person: { attendance: 'required' },
  },
  {
    name: 'the registry decides about attendance even where the CRM’s label comes first',
    input: {
      rows: [row('ann', { attendance: { kickoff: 'optional' } })],
      contacts: [contact('ann', { labels: ['Champion'] })],
    },
    person: { attendance: 'optional', from: 'CRM (Champion)' },
  },
  {
    name: 'at other milestones people are optional unless named',
    input: {
      rows: [row('ann', { attendance: { go_live: 'required' } }), row('bob')],
      policy: { ...defaultAssemblyPolicy, milestone: 'go_live' },
    },
    invited: ['ann', 'bob'],
  },

  // ---- opting out
  {
    name: 'an account row that opts out beats a manual entry for the deal',
    input: { rows: [dealRow('ann', { source: 'manual' }), row('ann', { optedOut: true, optedOutReason: 'left' })] },
    invited: [],
    out: { 'ann@acme.example': 'opted out: left' },
  },
  {
    name: 'opting out holds in any casing',
    input: { rows: [row('ann', { email: 'Ann@ACME.example', optedOut: true })], contacts: [contact('ann')] },
    invited: [],
    out: { 'ann@acme.example': 'opted out' },
  },
  {
    name: 'opting out in the CRM beats the registry',
    input: { rows: [dealRow('ann')], contacts: [contact('ann', { optedOut: true })] },
    invited: [],
    out: { 'ann@acme.example': 'opted out of e-mail in the CRM' },
  },
  {
    name: 'one contact of two that opted out is enough',
    input: { contacts: [contact('ann'), contact('ann', { id: 'c2', optedOut: true })] },
    invited: [],
  },
  {
    name: 'a row that is no longer active still opts out',
    input: { rows: [row('ann', { optedOut: true, activeTo: '2025-01-01' }), dealRow('ann')] },
    invited: [],
  },
  {
    name: 'a row of another deal still opts out',
    input: { rows: [row('ann', { dealId: '2', optedOut: true })], contacts: [contact('ann'), contact('bob')] },
    invited: ['bob'],
    out: { 'ann@acme.example': 'opted out' },
  },

  // ---- activity dates
  {
    name: 'both ends of the activity are inclusive',
    input: { rows: [row('ann', { activeFrom: '2026-02-10' }), row('bob', { activeTo: '2026-02-10' })] },
    invited: ['ann', 'bob'],
  },
  {
    name: 'somebody not yet or no longer active is left out',
    input: { rows: [row('ann', { activeFrom: '2026-02-11' }), row('bob', { activeTo: '2026-02-09' }), row('cid')] },
    invited: ['cid'],
    out: { 'ann@acme.example': 'active only from 2026-02-11', 'bob@acme.example': 'active only until 2026-02-09' },
  },
  {
    name: 'the registry knows better than a contact without a label that somebody is gone',
    input: { rows: [row('ann', { activeTo: '2026-01-01' })], contacts: [contact('ann'), contact('bob')] },
    invited: ['bob'],
  },
  {
    name: 'a label on this deal is newer than an account row that has ended, whose roles are gone',
    input: {
      rows: [row('ann', { activeTo: '2026-01-01', roles: ['champion'] })],
      contacts: [contact('ann', { labels: ['Billing contact'] })],
    },
    person: { roles: ['billing'] },
  },
  {
    name: 'today may be given as an instant',
    input: { rows: [row('ann', { activeTo: '2026-02-10' })], today: '2026-02-10T23:59:59Z' },
    invited: ['ann'],
  },

  // ---- addresses
  {
    name: 'a contact without an address is named as left out',
    input: {
      contacts: [
        { name: 'Ann Lee', labels: [], isPrimary: false, optedOut: false },
        contact('', { email: '  ', id: '9' }),
        contact('bob'),
      ],
    },
    invited: ['bob'],
    out: { 'Ann Lee': 'no e-mail address', 'contact 9': 'no e-mail address' },
  },
  {
    name: 'an address that is none is left out',
    input: { contacts: [contact('ann', { email: 'ann at acme' }), contact('bob')] },
    invited: ['bob'],
    out: { 'ann at acme': 'not a valid e-mail address' },
  },

  // ---- the vendor's side
  {
    name: 'a colleague who is a contact of the deal is not invited',
    input: { contacts: [contact('sam', { email: 'sam@vendor.example', labels: ['Champion'] }), contact('bob')] },
    invited: ['bob'],
    out: { 'sam@vendor.example': 'on the vendor’s side and not in the registry' },
  },
  {
    name: 'a colleague whom the registry names is invited',
    input: { rows: [row('sam', { email: 'sam@vendor.example', side: 'vendor' }), row('bob')] },
    invited: ['bob', 'sam'],
  },
  {
    name: 'an owner at a public provider makes nobody else there a colleague',
    input: {
      deal: { ...DEAL, owner: { email: 'olga@gmail.com' } },
      contacts: [contact('ann', { email: 'ann@gmail.com' }), contact('olga', { email: 'olga@gmail.com' })],
    },
    invited: ['ann'],
  },
  {
    name: 'the side is the registry’s to say, also of a labelled contact',
    input: { rows: [row('ann', { side: 'partner' })], contacts: [contact('ann', { labels: ['Integration lead'] })] },
    person: { side: 'partner', roles: ['integration_specialist'] },
  },

  {
    name: 'a colleague whom only the CRM has put into the registry is not invited for that',
    input: { rows: [dealRow('sam', { email: 'sam@vendor.example', source: 'crm' }), row('bob')] },
    invited: ['bob'],
    out: { 'sam@vendor.example': 'on the vendor’s side and not in the registry' },
  },
  {
    name: 'a customer whom the CRM has put into the registry is invited like any other',
    input: { rows: [dealRow('ann', { source: 'crm', roles: ['champion'] })] },
    person: { from: 'registry (deal)', roles: ['champion'] },
  },
  {
    name: 'a manual row for the deal comes before the one that the CRM has put there for the account',
    input: {
      rows: [row('ann', { source: 'crm', name: 'Crm' }), dealRow('ann', { source: 'manual', name: 'By hand' })],
    },
    person: { name: 'By hand' },
  },

  // ---- the organizer
  {
    name: 'the deal’s CS lead invites',
    input: { rows: [csLead('dora', { dealId: '1' }), csLead('amos')] },
    organizer: { email: 'dora@vendor.example', from: 'registry (deal)' },
  },
  {
    name: 'else the account’s',
    input: { rows: [csLead('amos')] },
    organizer: { email: 'amos@vendor.example', from: 'registry (account)' },
  },
  {
    name: 'else the deal’s owner',
    input: {},
    organizer: { email: 'owner@vendor.example', name: 'Olga Owner', timezone: 'America/New_York', from: 'deal owner' },
  },
  {
    name: 'else the configured one',
    input: {
      deal: { id: '1', account: DEAL.account },
      policy: { ...defaultAssemblyPolicy, fallbackOrganizer: { email: 'Desk@Vendor.example', name: 'Desk' } },
    },
    organizer: { email: 'desk@vendor.example', name: 'Desk', from: 'configuration' },
  },
  { name: 'else nobody', input: { deal: { id: '1', account: DEAL.account } }, organizer: null },
  {
    name: 'somebody named by hand comes before all',
    input: { rows: [csLead('amos')], organizerEmail: ' Sam@vendor.example' },
    organizer: { email: 'sam@vendor.example', from: 'named by hand' },
  },
  {
    name: 'a CS lead who opted out does not invite',
    input: { rows: [csLead('amos', { optedOut: true })] },
    organizer: { from: 'deal owner' },
  },
  {
    name: 'nor does one who is not active',
    input: { rows: [csLead('amos', { activeTo: '2026-01-01' })] },
    organizer: { from: 'deal owner' },
  },
  {
    name: 'nor an owner who opted out',
    input: { rows: [row('o', { email: 'OWNER@vendor.example', side: 'vendor', optedOut: true })] },
    organizer: null,
  },
  {
    name: 'nor an owner without a usable address',
    input: { deal: { ...DEAL, owner: { email: 'nobody' } } },
    organizer: null,
  },
  {
    name: 'nor a customer who calls himself CS lead',
    input: { rows: [row('ann', { roles: ['cs_lead'] })] },
    organizer: { from: 'deal owner' },
    invited: ['ann'],
  },
  {
    name: 'the organizer is not a participant too, in any casing',
    input: {
      rows: [csLead('amos'), row('bob')],
      contacts: [contact('x', { email: 'AMOS@vendor.example', labels: ['Champion'] })],
    },
    invited: ['bob'],
    organizer: { email: 'amos@vendor.example' },
    out: {},
  },
  {
    name: 'an account’s CS lead whom the deal’s has replaced is left out',
    input: { rows: [csLead('dora', { dealId: '1' }), csLead('amos'), row('bob')] },
    invited: ['bob'],
    out: { 'amos@vendor.example': 'the deal has a CS lead of its own' },
  },
  {
    name: 'unless the registry wants them at the kickoff all the same',
    input: {
      rows: [csLead('dora', { dealId: '1' }), csLead('amos', { attendance: { kickoff: 'optional' } }), row('bob')],
    },
    invited: ['amos', 'bob'],
  },
  {
    name: 'the owner’s time zone serves the CS lead who is the owner',
    input: { rows: [without(csLead('owner'), 'timezone')] },
    organizer: {
      email: 'owner@vendor.example',
      timezone: 'America/New_York',
      name: 'Olga Owner',
      from: 'registry (account)',
    },
  },

  // ---- time zones
  {
    name: 'a person’s own zone comes first',
    input: { rows: [row('ann')], contacts: [contact('ann', { labels: ['Champion'] })] },
    person: { timezone: 'Europe/Berlin' },
  },
  {
    name: 'then the CRM’s',
    input: { rows: [row('ann', { timezoneSource: 'account' })], contacts: [contact('ann')] },
    person: { timezone: 'Europe/Paris' },
  },
  {
    name: 'then the account’s',
    input: { rows: [row('ann', { timezoneSource: 'account' })] },
    person: { timezone: 'Europe/Berlin' },
  },
  {
    name: 'also when only the account itself has one',
    input: { contacts: [contact('ann', { timezone: undefined })], account: { timezone: 'Asia/Tokyo' } },
    person: { timezone: 'Asia/Tokyo' },
  },
  {
    name: 'the account’s zone comes after the CRM’s',
    input: { contacts: [contact('ann')], account: { timezone: 'Asia/Tokyo' } },
    person: { timezone: 'Europe/Paris' },
  },
  {
    name: 'a zone kept with the row as the account’s comes before what the account has now',
    input: { rows: [row('ann', { timezoneSource: 'account' })], account: { timezone: 'Asia/Tokyo' } },
    person: { timezone: 'Europe/Berlin' },
  },
  {
    name: 'the account’s zone is not where the vendor’s people are',
    input: {
      rows: [without(row('sam', { email: 'sam@vendor.example', side: 'vendor' }), 'timezone')],
      account: { timezone: 'Asia/Tokyo' },
    },
    person: { timezone: 'America/New_York' },
  },
  {
    name: 'an account’s zone that is none is no zone',
    input: { contacts: [contact('ann', { timezone: undefined })], account: { timezone: 'Mars/Olympus' } },
    person: { timezone: 'America/New_York' },
  },
  {
    name: 'then the organizer’s',
    input: { contacts: [contact('ann', { timezone: undefined })] },
    person: { timezone: 'America/New_York' },
  },
  {
    name: 'a zone that is none is no zone',
    input: { rows: [row('ann', { timezone: 'Mars/Olympus' })], contacts: [contact('ann')] },
    person: { timezone: 'Europe/Paris' },
  },
  {
    name: 'a zone whose source is not said is the person’s own',
    input: { rows: [without(row('ann'), 'timezoneSource')], contacts: [contact('ann')] },
    person: { timezone: 'Europe/Berlin' },
  },

  // ---- people named by hand
  {
    name: 'people named by hand take everybody’s place, with what is known about them',
    input: {
      rows: [row('ann', { name: 'Ann Lee', roles: ['champion'] }), row('bob')],
      contacts: [contact('cid'), contact('', { email: undefined })],
      replacement: [{ email: 'ANN@acme.example' }],
    },
    person: {
      email: 'ann@acme.example',
      name: 'Ann Lee',
      roles: ['champion'],
      timezone: 'Europe/Berlin',
      from: 'named by hand',
    },
    out: {},
  },
  {
    name: 'what is said by hand comes first',
    input: {
      rows: [row('ann', { name: 'Ann Lee', roles: ['champion'] })],
      replacement: [{ email: 'ann@acme.example', name: 'Dr Lee', timezone: 'Asia/Tokyo', roles: ['billing'] }],
    },
    person: { name: 'Dr Lee', roles: ['billing'], timezone: 'Asia/Tokyo' },
  },
  {
    name: 'naming by hand overrules attendance and activity, never opting out',
    input: {
      rows: [
        row('ann', { activeTo: '2020-01-01' }),
        row('bob', { attendance: { kickoff: 'none' } }),
        row('cid', { optedOut: true }),
      ],
      replacement: ['ann', 'bob', 'cid'].map((name) => ({ email: `${name}@acme.example` })),
    },
    invited: ['ann', 'bob'],
    out: { 'cid@acme.example': 'opted out' },
  },
  {
    name: 'a colleague named by hand is invited, as the vendor’s',
    input: { replacement: [{ email: 'sam@vendor.example' }] },
    person: { side: 'vendor' },
  },

  // ---- workstreams
  {
    name: 'a row that names no workstream counts for the main kickoff and for every other',
    input: { rows: [row('ann')], workstream: 'data' },
    invited: ['ann'],
  },
  {
    name: 'a row of one workstream does not count for the main kickoff',
    input: { rows: [row('ann'), row('dot', { workstreams: ['data'] })] },
    invited: ['ann'],
    out: {},
  },
  {
    name: 'a row counts for each workstream that it names, and for no other',
    input: {
      rows: [row('dot', { workstreams: ['data', 'apis'] }), row('sue', { workstreams: ['security'] })],
      workstream: 'data',
    },
    invited: ['dot'],
    out: {},
  },
  {
    name: 'a row may be for the main kickoff alone',
    input: { rows: [row('ann', { workstreams: ['main'] }), row('bob')], workstream: 'data' },
    invited: ['bob'],
  },
  {
    name: 'and counts there',
    input: { rows: [row('ann', { workstreams: ['main'] })], workstream: '' },
    invited: ['ann'],
  },
  {
    name: 'a deal’s row of another workstream leaves the account’s row to decide',
    input: {
      rows: [dealRow('ann', { workstreams: ['data'], roles: ['billing'] }), row('ann', { roles: ['champion'] })],
    },
    person: { roles: ['champion'], from: 'registry (account)' },
  },
  {
    name: 'whoever another workstream’s row names is invited as the CRM’s contact',
    input: { rows: [row('ann', { workstreams: ['data'], roles: ['billing'] })], contacts: [contact('ann')] },
    person: { roles: [], from: 'CRM' },
  },
  {
    name: 'opting out under one workstream counts for all',
    input: { rows: [row('ann', { workstreams: ['data'], optedOut: true }), row('bob')], contacts: [contact('ann')] },
    invited: ['bob'],
    out: { 'ann@acme.example': 'opted out' },
  },
  {
    name: 'a workstream has a CS lead of its own',
    input: {
      rows: [csLead('amos'), csLead('dora', { dealId: '1', workstreams: ['data'] })],
      workstream: 'data',
    },
    organizer: { email: 'dora@vendor.example' },
  },
  {
    name: 'who does not organize the main kickoff',
    input: { rows: [csLead('amos'), csLead('dora', { dealId: '1', workstreams: ['data'] })] },
    organizer: { email: 'amos@vendor.example' },
  },
  {
    name: 'a workstream for some roles leaves out everybody else, in words',
    input: {
      rows: [row('ann', { roles: ['champion'] }), row('dot', { roles: ['data_migration_owner', 'billing'] })],
      contacts: [contact('bob')],
      policy: { ...defaultAssemblyPolicy, roles: ['data_migration_owner', 'it_security'] },
      workstream: 'data',
    },
    invited: ['dot'],
    out: {
      'ann@acme.example': 'workstream data is for data migration owner or IT/security lead only',
      'bob@acme.example': 'workstream data is for data migration owner or IT/security lead only',
    },
  },
  {
    name: 'the vendor’s people too, but not the organizer',
    input: {
      rows: [csLead('amos'), row('eva', { email: 'eva@vendor.example', side: 'vendor', roles: ['engineer'] })],
      policy: { ...defaultAssemblyPolicy, roles: ['data_migration_owner'] },
    },
    invited: [],
    organizer: { email: 'amos@vendor.example' },
    out: { 'eva@vendor.example': 'the kickoff is for data migration owner only' },
  },
  {
    name: 'somebody named by hand needs no role',
    input: {
      rows: [row('ann', { roles: ['champion'] })],
      replacement: [{ email: 'ann@acme.example' }],
      policy: { ...defaultAssemblyPolicy, roles: ['data_migration_owner'] },
    },
    invited: ['ann'],
  },

  // ---- addresses that are never written to
  {
    name: 'an address that is opted out everywhere is left out, in whatever casing it comes',
    input: {
      rows: [dealRow('ann', { email: 'ANN@acme.example ' })],
      contacts: [contact('bob'), contact('cid')],
      optedOutEmails: new Map([
        ['ann@acme.example', 'asked us'],
        ['bob@acme.example', 'left'],
      ]),
    },
    invited: ['cid'],
    out: { 'ann@acme.example': 'is never written to: asked us', 'bob@acme.example': 'is never written to: left' },
  },
  {
    name: 'nor is it invited by hand',
    input: {
      replacement: [{ email: 'Ann@acme.example' }, { email: 'bob@acme.example' }],
      optedOutEmails: new Map([['ann@acme.example', 'asked us']]),
    },
    invited: ['bob'],
    out: { 'ann@acme.example': 'is never written to: asked us' },
  },
  {
    name: 'nor does it invite',
    input: {
      rows: [csLead('amos')],
      contacts: [contact('bob')],
      optedOutEmails: new Map([['amos@vendor.example', 'asked us']]),
    },
    organizer: { email: 'owner@vendor.example' },
    out: { 'amos@vendor.example': 'is never written to: asked us' },
  },
];

describe('assemble', () => {
  it.each(cases)('$name', ({ input, invited, person, out, organizer }) => {
    if (invited !== undefined) expect(emails(input)).toEqual(invited);
    if (person !== undefined) expect(only(input)).toMatchObject(person);
    if (out !== undefined) expect(excluded(input)).toEqual(out);
    if (organizer === null) expect(run(input).organizer).toBeUndefined();
    else if (organizer !== undefined) expect(run(input).organizer).toMatchObject(organizer);
  });

  it('leaves the least important out when there are too many, the optional ones first', () => {
    const input = {
      rows: [
        row('ann', { roles: ['champion'], attendance: { kickoff: 'optional' as const } }),
        row('bob', { roles: ['billing'] }),
        row('cid'),
      ],
      policy: { ...defaultAssemblyPolicy, maxParticipants: 2 },
    };
    expect(emails(input)).toEqual(['bob', 'cid']);
    expect(excluded(input)).toEqual({ 'ann@acme.example': 'there are more than 2 people to invite' });
    expect(gapCodes(input)).toContain('too_many_participants');
  });
});

const trails = (input: Partial<AssembleInput>) =>
  run(input).why.map(({ email, name, outcome, reason, timezoneFrom, entries }) => ({
    who: email ?? name,
    outcome,
    reason,
    timezoneFrom,
    entries: entries.map(({ from, part, says }) => `${from} ${part}: ${says}`),
  }));

describe('why', () => {
  it('tells what each entry said and which one decided', () => {
    const input = {
      rows: [
        dealRow('ann', { roles: ['champion'], source: 'manual', attendance: { kickoff: 'optional' } }),
        row('ann', { roles: ['billing'], activeTo: '2026-01-01' }),
        row('ann', { dealId: '2', optedOut: false }),
      ],
      contacts: [contact('ann', { labels: ['Executive sponsor'] })],
    };
    expect(trails(input).find(({ who }) => who === 'ann@acme.example')).toEqual({
      who: 'ann@acme.example',
      outcome: 'participant',
      reason: 'optional, champion + executive_sponsor, from registry (deal)',
      timezoneFrom: 'Europe/Berlin, the person’s own',
      entries: [
        'registry (deal) decides: champion, attendance optional, time zone Europe/Berlin',
        'CRM (Executive sponsor) merged: executive_sponsor, time zone Europe/Paris',
        'registry (account) does not count: billing, time zone Europe/Berlin, active only until 2026-01-01',
        'registry (elsewhere) does not count: of another deal, 2',
      ],
    });
  });

  it('tells of the organizer, of those left out, of others’ deals and of contacts without an address', () => {
    const input = {
      rows: [csLead('amos'), row('ann', { optedOut: true, optedOutReason: 'left' }), row('zoe', { dealId: '2' })],
      contacts: [contact('', { email: undefined, name: 'Nameless' }), contact('bob', { timezone: undefined })],
      account: { timezone: 'Asia/Tokyo' },
    };
    expect(trails(input).map(({ who, outcome, reason }) => `${who} ${outcome}: ${reason}`)).toEqual([
      'amos@vendor.example organizer: invites, from registry (account)',
      'bob@acme.example participant: required, without a role, from CRM',
      'Nameless excluded: no e-mail address',
      'ann@acme.example excluded: opted out: left',
      'zoe@acme.example not_of_deal: only other deals or accounts name them',
    ]);
    expect(trails(input)[1]?.timezoneFrom).toBe('Asia/Tokyo, the account’s');
  });

  it('tells of rows that are for other workstreams', () => {
    const rows = [
      row('ann', { workstreams: ['data'] }),
      dealRow('ann', { workstreams: ['apis', 'data'], optedOut: true }),
      row('bob', { workstreams: ['data'], roles: ['billing'] }),
      row('zoe', { dealId: '2', workstreams: ['data'] }),
      row('zoe', { workstreams: ['data'] }),
    ];
    const told = trails({ rows, contacts: [contact('bob')] }).slice(1);
    expect(told.map(({ who, outcome, reason, entries }) => [who, outcome, reason, ...entries])).toEqual([
      [
        'bob@acme.example',
        'participant',
        'required, without a role, from CRM',
        'CRM decides: no role, time zone Europe/Paris',
        'registry (account) does not count: only for workstream data',
      ],
      [
        'ann@acme.example',
        'not_of_deal',
        'only other workstreams name them',
        'registry (account) does not count: only for workstream data',
        'registry (deal) does not count: only for workstreams apis and data, opted out',
      ],
      [
        'zoe@acme.example',
        'not_of_deal',
        'only other deals, accounts and workstreams name them',
        'registry (elsewhere) does not count: of another deal, 2',
        'registry (account) does not count: only for workstream data',
      ],
    ]);
  });

  it('tells who was replaced by people named by hand', () => {
    const input = { rows: [row('ann'), row('bob')], replacement: [{ email: 'ann@acme.example' }] };
    expect(
      trails(input)
        .slice(1)
        .map(({ who, outcome, entries }) => [who, outcome, entries.length]),
    ).toEqual([
      ['ann@acme.example', 'participant', 2],
      ['bob@acme.example', 'replaced', 1],
    ]);
  });
});

const COMPLETE = [
  row('ann', { roles: ['champion'] }),
  row('bob', { roles: ['executive_sponsor', 'it_security'] }),
  row('cid', { roles: ['integration_specialist', 'billing'] }),
];

describe('gaps', () => {
  it.each<[string, Partial<AssembleInput>, string[]]>([
    ['nothing is missing', { rows: COMPLETE }, []],
    ['nobody at all', {}, ['no_participants']],
    [
      'only the vendor’s people',
      {
        rows: [
          row('sam', {
            email: 'sam@vendor.example',
            side: 'vendor',
            roles: ['executive_sponsor', 'it_security', 'integration_specialist', 'billing'],
          }),
        ],
      },
      ['no_participants', 'single_domain'],
    ],
    [
      'everybody opted out',
      { rows: [row('ann', { optedOut: true })], contacts: [contact('bob', { optedOut: true })] },
      ['everyone_opted_out'],
    ],
    [
      'one opted out, another has no valid address',
      { rows: [row('ann', { optedOut: true })], contacts: [contact('bob', { email: 'x' })] },
      ['no_participants'],
    ],
    ['no lead', { rows: [row('ann'), ...COMPLETE.slice(1)] }, ['no_lead']],
    ['a project lead will do', { rows: [row('ann', { roles: ['project_lead'] }), ...COMPLETE.slice(1)] }, []],
    ['the primary contact will do', { rows: COMPLETE.slice(1), contacts: [contact('ann', { isPrimary: true })] }, []],
    [
      'a champion of the vendor’s will not',
      { rows: [csLead('sam', { roles: ['champion'] }), ...COMPLETE.slice(1)] },
      ['no_lead'],
    ],
    ['no organizer', { rows: COMPLETE, deal: { id: '1', account: DEAL.account } }, ['no_organizer']],
    [
      'neither organizer nor anybody to invite',
      { deal: { id: '1', account: DEAL.account } },
      ['no_participants', 'no_organizer'],
    ],
    [
      'roles that are expected',
      { rows: COMPLETE.slice(0, 2) },
      ['missing_role integration_specialist', 'missing_role billing'],
    ],
    [
      'a role whose holder opted out',
      { rows: [...COMPLETE.slice(0, 2), row('cid', { roles: ['integration_specialist', 'billing'], optedOut: true })] },
      ['missing_role integration_specialist', 'missing_role billing'],
    ],
    ['a time zone', { rows: [...COMPLETE, without(row('dan'), 'timezone')] }, ['missing_timezone']],
    [
      'two time zones',
      { rows: [...COMPLETE, without(row('dan'), 'timezone'), without(row('eve'), 'timezone')] },
      ['missing_timezone', 'missing_timezone'],
    ],
    [
      'the customer: everybody is at the organizer’s',
      { rows: COMPLETE.map((person) => ({ ...person, email: person.email.replace('acme', 'vendor') })) },
      ['single_domain'],
    ],
    [
      'by hand, no lead is a warning',
      {
        replacement: [
          {
            email: 'ann@acme.example',
            roles: ['executive_sponsor', 'it_security', 'integration_specialist', 'billing'],
            timezone: 'Asia/Tokyo',
          },
        ],
      },
      ['no_lead'],
    ],
  ])('%s', (_name, input, codes) => {
    expect(gapCodes(input)).toEqual(codes);
  });

  it('block what cannot be done without, and let a person accept the rest', () => {
    const gaps = [...run({ deal: { id: '1', account: DEAL.account } }).gaps, ...run({ rows: [row('ann')] }).gaps];
    expect(gaps.map((gap) => [gap.code, gap.severity, gap.acceptable])).toEqual([
      ['no_participants', 'block', false],
      ['no_organizer', 'block', false],
      ['no_lead', 'block', true],
      ['missing_role', 'warn', true],
      ['missing_role', 'warn', true],
      ['missing_role', 'warn', true],
      ['missing_role', 'warn', true],
    ]);
    expect(run({ replacement: [{ email: 'ann@acme.example' }] }).gaps[0]).toMatchObject({
      code: 'no_lead',
      severity: 'warn',
    });
  });

  it('say who and what to do', () => {
    const { gaps } = run({ rows: [...COMPLETE, without(row('dan', { name: 'Dan Day' }), 'timezone')] });
    expect(gaps[0]?.message).toBe(
      "Dan Day <dan@acme.example> has no time zone, so the organizer's, America/New_York, is used: add it to the registry or the CRM.",
    );
    expect(run({ rows: [row('ann')] }).gaps[0]?.message).toContain(
      'No participant is champion, project lead or primary contact',
    );
    expect(run({ rows: COMPLETE.slice(0, 1) }).gaps[0]?.message).toContain('executive sponsor');
  });

  it('say so when not even the organizer has a time zone', () => {
    const { participants, gaps } = run({
      deal: { ...DEAL, owner: { email: 'owner@vendor.example' } },
      contacts: [contact('ann', { isPrimary: true, timezone: undefined })],
      policy: { ...defaultAssemblyPolicy, expectRoles: [] },
    });
    expect(participants[0]).not.toHaveProperty('timezone');
    expect(gaps).toMatchObject([
      { code: 'missing_timezone', message: expect.stringContaining('the organizer has none to stand in') },
    ]);
  });
});
