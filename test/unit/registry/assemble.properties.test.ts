import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AssembleInput, assemble, defaultAssemblyPolicy, type Stakeholder } from '../../../registry/index.ts';

/** Few people, so that the entries meet; casings and blanks, so that they meet only when compared rightly. */
const address = fc
  .tuple(
    fc.constantFrom('ann', 'bob', 'cid', 'dan'),
    fc.constantFrom('@acme.example', '@ACME.example', '@vendor.example', '@gmail.com', ' at acme'),
    fc.constantFrom('', ' '),
    fc.boolean(),
  )
  .map(([name, domain, blank, upper]) => `${blank}${upper ? name.toUpperCase() : name}${domain}`);
const zone = fc.constantFrom('Europe/Berlin', 'America/Chicago', 'Mars/Olympus', undefined);
const day = fc.constantFrom('2026-01-01', '2026-02-10', '2026-03-01', undefined);
const role = fc.constantFrom('champion', 'project_lead', 'billing', 'cs_lead', 'astronaut');

const row: fc.Arbitrary<Stakeholder> = fc
  .record({
    accountId: fc.constantFrom('acme', 'acme', 'globex'),
    dealId: fc.constantFrom(undefined, '1', '2'),
    email: address,
    name: fc.constantFrom(undefined, 'Ann Lee', ' '),
    side: fc.constantFrom('customer' as const, 'vendor' as const, 'partner' as const),
    roles: fc.array(role, { maxLength: 3 }),
    workstreams: fc.constantFrom(undefined, undefined, 'data', 'main', 'data main', 'apis'),
    attendance: fc.constantFrom({}, { kickoff: 'none' as const }, { kickoff: 'optional' as const }),
    timezone: zone,
    activeFrom: day,
    activeTo: day,
    optedOut: fc.constantFrom(false, false, false, true),
    source: fc.constantFrom('manual' as const, 'import' as const, 'crm' as const),
  })
  .map(({ dealId, name, workstreams, timezone, activeFrom, activeTo, ...rest }) => ({
    ...rest,
    ...(dealId === undefined ? {} : { dealId }),
    ...(name === undefined ? {} : { name }),
    ...(workstreams === undefined ? {} : { workstreams: workstreams.split(' ') }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(activeFrom === undefined ? {} : { activeFrom }),
    ...(activeTo === undefined ? {} : { activeTo }),
  }));

const contact = fc.record({
  id: fc.constantFrom('1', undefined),
  email: fc.oneof(address, fc.constant(undefined)),
  name: fc.constantFrom('Bob', undefined),
  labels: fc.array(fc.constantFrom('Champion', 'Billing contact', 'Whatever', ' '), { maxLength: 2 }),
  isPrimary: fc.boolean(),
  timezone: zone,
  optedOut: fc.constantFrom(false, false, false, true),
});

const input: fc.Arbitrary<AssembleInput> = fc.record({
  deal: fc.record({
    id: fc.constant('1'),
    account: fc.constant({ id: 'acme', name: 'Acme' }),
    owner: fc.oneof(fc.record({ email: address, timezone: zone }), fc.constant(undefined)),
  }),
  // The registry has one row for an account, a deal and an address.
  rows: fc.uniqueArray(row, {
    maxLength: 8,
    selector: ({ accountId, dealId, email }) => JSON.stringify([accountId, dealId, email.trim().toLowerCase()]),
  }),
  account: fc.constantFrom(undefined, { timezone: 'Asia/Tokyo' }, { timezone: 'Mars/Olympus' }, {}),
  contacts: fc.array(contact, { maxLength: 5 }),
  policy: fc.record({
    milestone: fc.constantFrom('kickoff' as const, 'go_live' as const),
    roleOfLabel: fc.constant(defaultAssemblyPolicy.roleOfLabel),
    requireOneOf: fc.constant(defaultAssemblyPolicy.requireOneOf),
    expectRoles: fc.constant(defaultAssemblyPolicy.expectRoles),
    fallbackOrganizer: fc.oneof(fc.record({ email: address }), fc.constant(undefined)),
    maxParticipants: fc.constantFrom(1, 2, 50),
    roles: fc.constantFrom(undefined, undefined, ['champion', 'billing']),
  }),
  workstream: fc.constantFrom(undefined, undefined, '', 'data'),
  optedOutEmails: fc
    .subarray(['ann@acme.example', 'bob@vendor.example', 'cid@gmail.com'])
    .map((emails) => new Map(emails.map((email) => [email, 'asked us']))),
  today: fc.constant('2026-02-10'),
  replacement: fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    fc.array(fc.record({ email: address }), { maxLength: 3 }),
  ),
  organizerEmail: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, address),
});

const normal = (email: string | undefined) => (email ?? '').trim().toLowerCase();
const everybody = (given: AssembleInput) => {
  const { organizer, participants } = assemble(given);
  return [...participants.map((person) => person.email), ...(organizer === undefined ? [] : [organizer.email])];
};

describe('assemble, whatever it is given', () => {
  const holds = (property: (given: AssembleInput) => void) => fc.assert(fc.property(input, property), { numRuns: 500 });

  it('never lets somebody appear who has opted out anywhere', () => {
    holds((given) => {
      const optedOut = new Set([
        ...[...given.rows, ...given.contacts].filter((p) => p.optedOut).map((p) => normal(p.email)),
        ...(given.optedOutEmails ?? new Map()).keys(),
      ]);
      expect(everybody(given).filter((email) => optedOut.has(email))).toEqual([]);
    });
  });

  it('drops exactly those who opt out afterwards', () => {
    holds((given) => {
      const before = everybody(given);
      const [victim] = before;
      if (victim === undefined) return;
      const contacts = [
        ...given.contacts,
        { email: victim.toUpperCase(), labels: [], isPrimary: false, optedOut: true },
      ];
      expect(everybody({ ...given, contacts })).not.toContain(victim);
    });
  });

  it('invites nobody twice, and not the organizer', () => {
    holds((given) => {
      const all = everybody(given);
      expect(new Set(all).size).toBe(all.length);
    });
  });

  it('invites only lower-cased addresses that look like ones, and no more than allowed', () => {
    holds((given) => {
      const { participants } = assemble(given);
      for (const { email } of participants) expect(email).toMatch(/^[a-z]+@[a-z]+\.[a-z]+$/);
      expect(participants.length).toBeLessThanOrEqual(given.policy.maxParticipants);
    });
  });

  it('invites nobody whom no row of the kickoff and no contact names, and nobody without a role that it is for', () => {
    holds((given) => {
      if (given.replacement !== undefined) return;
      const { roles } = given.policy;
      const stream = (given.workstream ?? '') === '' ? 'main' : 'data';
      const ofOthers = given.rows.filter((r) => r.workstreams !== undefined && !r.workstreams.includes(stream));
      const named = [...given.rows.filter((r) => !ofOthers.includes(r)), ...given.contacts].map((p) => normal(p.email));
      for (const person of assemble(given).participants) {
        expect(named).toContain(person.email);
        if (roles !== undefined) expect(person.roles.filter((one) => roles.includes(one))).not.toEqual([]);
      }
    });
  });

  it('accounts for everybody: invited, inviting or left out with a reason', () => {
    holds((given) => {
      if (given.replacement !== undefined) return;
      const { excluded } = assemble(given);
      const stream = (given.workstream ?? '') === '' ? 'main' : 'data';
      const rows = given.rows
        .filter((r) => r.accountId === 'acme' && (r.dealId ?? '1') === '1')
        .filter((r) => r.workstreams === undefined || r.workstreams.includes(stream));
      const known = new Set(
        [...rows, ...given.contacts].map((person) => normal(person.email)).filter((email) => email !== ''),
      );
      const told = [...everybody(given), ...excluded.map((person) => person.email ?? '')];
      for (const email of known) expect(told.filter((one) => one === email)).toHaveLength(1);
      for (const { reason } of excluded) expect(reason).not.toBe('');
    });
  });

  it('decides the same in whatever order the entries come', () => {
    const shuffled = input.chain((given) =>
      fc.record({
        given: fc.constant(given),
        rows: fc.shuffledSubarray(given.rows.slice(), { minLength: given.rows.length }),
        contacts: fc.shuffledSubarray(given.contacts.slice(), { minLength: given.contacts.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ given, rows, contacts }) => {
        const before = assemble(given);
        const after = assemble({ ...given, rows, contacts });
        expect(after.participants.map(({ email }) => email)).toEqual(before.participants.map(({ email }) => email));
        expect(after.organizer?.email).toEqual(before.organizer?.email);
        expect(after.excluded.map(({ email }) => email)).toEqual(before.excluded.map(({ email }) => email));
        expect(after.gaps.map(({ code, role }) => [code, role])).toEqual(
          before.gaps.map(({ code, role }) => [code, role]),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('tells of every row and every contact once what became of it', () => {
    holds((given) => {
      const { why } = assemble(given);
      const told = why.flatMap(({ entries }) => entries.map(({ kind, index }) => `${kind} ${index}`)).sort();
      const all = [
        ...given.rows.map((_, index) => `row ${index}`),
        ...given.contacts.map((_, index) => `contact ${index}`),
        ...(given.replacement ?? []).map((_, index) => `named ${index}`),
      ].sort();
      expect(told).toEqual(all);
    });
  });

  it('tells the same as it decides: each person in one trail, in the participants or left out as it says', () => {
    holds((given) => {
      const { organizer, participants, excluded, why } = assemble(given);
      const of = (outcome: string) => why.filter((trail) => trail.outcome === outcome);
      const named = why.flatMap(({ email }) => (email === undefined ? [] : [email]));
      expect(new Set(named).size).toBe(named.length);
      expect(of('organizer').map(({ email }) => email)).toEqual(organizer === undefined ? [] : [organizer.email]);
      expect(of('participant').map(({ email }) => email)).toEqual(participants.map(({ email }) => email));
      const reasons = (list: { email?: string; name?: string; reason: string }[]) =>
        list.map(({ email, name, reason }) => `${email} ${name} ${reason}`).sort();
      expect(reasons(of('excluded'))).toEqual(reasons(excluded));
      for (const { entries, reason } of why) {
        expect(reason).not.toBe('');
        expect(entries.filter(({ part }) => part === 'decides').length).toBeLessThanOrEqual(1);
      }
    });
  });

  it('gives only real time zones, and warns of each that is lacking', () => {
    holds((given) => {
      const { participants, gaps } = assemble(given);
      for (const { timezone } of participants) expect(timezone).not.toBe('Mars/Olympus');
      const bare = participants.filter((person) => person.timezone === undefined);
      expect(gaps.filter((gap) => gap.code === 'missing_timezone').length).toBeGreaterThanOrEqual(bare.length);
    });
  });

  it('blocks when there is nobody to invite or to do it, and only then cannot be talked out of it', () => {
    holds((given) => {
      const { organizer, participants, gaps } = assemble(given);
      const customers = participants.filter((person) => person.side === 'customer');
      const blocked = gaps.some((gap) => gap.severity === 'block' && !gap.acceptable);
      expect(blocked).toBe(organizer === undefined || customers.length === 0);
    });
  });
});
