import { type Candidate, mergeCandidates } from './candidates.ts';
import { companyDomain, isEmail, normaliseEmail } from './email.ts';
import { findGaps } from './gaps.ts';
import type {
  Account,
  Assembly,
  AssemblyContact,
  AssemblyDeal,
  AssemblyPolicy,
  ConsideredEntry,
  ExcludedPerson,
  Organizer,
  Participant,
  Stakeholder,
} from './model.ts';
import { chooseOrganizer } from './organizer.ts';
import { alternatives, CS_LEAD_ROLE, rankOfPerson, uniteRoles } from './roles.ts';
import { firstTimeZone } from './time-zone.ts';
import { nameOfContact, tellWhy } from './why.ts';

/** Somebody named by hand. */
export interface ReplacementPerson {
  email: string;
  name?: string | undefined;
  timezone?: string | undefined;
  roles?: string[] | undefined;
}

export interface AssembleInput {
  deal: AssemblyDeal;
  /** The registry's rows for the account and the deal. */
  rows: readonly Stakeholder[];
  /** The deal's contacts in the CRM. */
  contacts: readonly AssemblyContact[];
  /** What the registry knows of the account itself. */
  account?: Pick<Account, 'timezone'> | undefined;
  policy: AssemblyPolicy;
  /** The kickoff that is assembled; left out or empty: the main one. Rows that are for others do not count. */
  workstream?: string | undefined;
  /** Addresses that are never written to, lower-cased, whoever they belong to; with the reason. */
  optedOutEmails?: ReadonlyMap<string, string> | undefined;
  /** ISO date (or instant, of which the date counts). */
  today: string;
  /** People named by hand take the place of the registry's and the CRM's, of which only what is known about them remains. */
  replacement?: readonly ReplacementPerson[] | undefined;
  /** An organizer named by hand. */
  organizerEmail?: string | undefined;
}

/**
 * Decides who is invited, who invites, who is left out and why, and what is missing.
 *
 * Pure. Merging and precedence are in `candidates.ts`, the organizer's in `organizer.ts`, the gaps in `gaps.ts`. Rules here:
 * - nobody who has opted out anywhere is invited or invites, in any casing of the address;
 * - the vendor's people are invited only when the registry names them, never for being the CRM's contacts;
 * - the organizer is not a participant too;
 * - where `policy.roles` names some, nobody without one of them is invited, unless named by hand;
 * - at most `policy.maxParticipants` are invited: required before optional, then by rank of role.
 */
export function assemble(input: AssembleInput): Assembly {
  const { deal, policy } = input;
  const { candidates, optedOut, notOfDeal } = mergeCandidates({ ...input, today: input.today.slice(0, 10) });
  const organizer = chooseOrganizer({ candidates, optedOut, deal, policy, email: input.organizerEmail });
  const own = ownAddresses(organizer, input);
  const people =
    input.replacement === undefined
      ? [...candidates.values()]
      : replacePeople(input.replacement, candidates, optedOut, own.domains);

  const { workstream, replacement } = input;
  const roles = replacement === undefined ? policy.roles : undefined;
  const context = { own, policy, hasDealLead: isDealLead(organizer, candidates), roles, workstream };
  const judged = people
    .filter((person) => person.email !== organizer?.email)
    .map((person) => ({ person, leftOut: reasonToLeaveOut(person, context) }));
  const invited = judged.flatMap(({ person, leftOut }) => (leftOut === undefined ? [person] : [])).sort(byImportance);
  const kept = invited.slice(0, policy.maxParticipants).sort(byRank);
  const tooMany = invited.slice(policy.maxParticipants);

  const participants = kept.map((person) => toParticipant(person, organizer));
  const excluded = [
    ...judged.flatMap(({ person, leftOut }) => (leftOut === undefined ? [] : [exclusion(person, leftOut)])),
    ...tooMany.map((person) => exclusion(person, tooManyReason(policy))),
    ...(input.replacement === undefined ? contactsWithoutAddress(input.contacts) : []),
  ];
  const customersOut = judged.filter(({ person, leftOut }) => person.side === 'customer' && leftOut !== undefined);
  const gaps = findGaps({
    organizer,
    participants,
    customerLeftOut: {
      all: customersOut.length,
      optedOut: customersOut.filter(({ person }) => person.optedOut !== undefined).length,
    },
    tooMany: tooMany.length,
    withoutTimezone: kept.filter((person) => person.timezone === undefined),
    namedByHand: input.replacement !== undefined,
    policy,
  });
  const why = tellWhy({
    organizer,
    candidates,
    people,
    participants: kept,
    leftOut: [
      ...judged.flatMap(({ person, leftOut }) => (leftOut === undefined ? [] : [{ person, reason: leftOut }])),
      ...tooMany.map((person) => ({ person, reason: tooManyReason(policy) })),
    ],
    namedByHand: input.replacement !== undefined,
    notOfDeal,
    contacts: input.contacts,
  });
  return { ...(organizer === undefined ? {} : { organizer }), participants, excluded: excluded.sort(byWho), gaps, why };
}

function tooManyReason({ maxParticipants }: AssemblyPolicy): string {
  return `there are more than ${maxParticipants} people to invite`;
}

interface Own {
  /** The vendor's company domains. */
  domains: ReadonlySet<string>;
  /** Addresses that are the vendor's whatever their domain. */
  emails: ReadonlySet<string>;
}

/** The vendor's side is known by the organizer, the deal's owner and the configured organizer. */
function ownAddresses(organizer: Organizer | undefined, { deal, policy }: AssembleInput): Own {
  const emails = [organizer?.email, deal.owner?.email, policy.fallbackOrganizer?.email]
    .map(normaliseEmail)
    .filter((email) => email !== undefined);
  return {
    emails: new Set(emails),
    domains: new Set(emails.map(companyDomain).filter((domain) => domain !== undefined)),
  };
}

function replacePeople(
  replacement: readonly ReplacementPerson[],
  candidates: ReadonlyMap<string, Candidate>,
  optedOut: ReadonlyMap<string, string>,
  ownDomains: ReadonlySet<string>,
): Candidate[] {
  const people = new Map<string, Candidate>();
  for (const [index, named] of replacement.entries()) {
    const email = normaliseEmail(named.email) ?? '';
    const known = candidates.get(email);
    const domain = companyDomain(email);
    const name = named.name?.trim();
    people.set(email, {
      email,
      name: name === undefined || name === '' ? known?.name : name,
      side: known?.side ?? (domain !== undefined && ownDomains.has(domain) ? 'vendor' : 'customer'),
      roles: named.roles === undefined ? (known?.roles ?? []) : uniteRoles(named.roles),
      attendance: 'required',
      timezone: firstTimeZone(named.timezone, known?.timezone),
      timezoneFrom: firstTimeZone(named.timezone) === undefined ? known?.timezoneFrom : 'named by hand',
      from: 'named by hand',
      entries: [
        ...(people.get(email)?.entries ?? []).map(demoted),
        { kind: 'named', index, from: 'named by hand', part: 'decides', says: 'invited by somebody’s own word' },
        ...(people.has(email) ? [] : (known?.entries ?? []).map(demoted)),
      ],
      optedOut: optedOut.get(email),
      inactive: undefined,
      // Named by hand is as good as named by the registry.
      inRegistry: true,
      isDealRow: true,
      attendanceIsExplicit: true,
    });
  }
  return [...people.values()];
}

/** Somebody's own word decides now. */
function demoted(entry: ConsideredEntry): ConsideredEntry {
  return entry.part === 'decides' ? { ...entry, part: 'merged' } : entry;
}

function isDealLead(organizer: Organizer | undefined, candidates: ReadonlyMap<string, Candidate>): boolean {
  const candidate = organizer === undefined ? undefined : candidates.get(organizer.email);
  return candidate?.isDealRow === true && candidate.roles.includes(CS_LEAD_ROLE);
}

interface Judging {
  own: Own;
  policy: AssemblyPolicy;
  hasDealLead: boolean;
  /** Only people with one of these are invited. */
  roles: readonly string[] | undefined;
  workstream: string | undefined;
}

function reasonToLeaveOut(person: Candidate, context: Judging): string | undefined {
  if (person.optedOut !== undefined) return person.optedOut;
  if (person.inactive !== undefined) return person.inactive;
  if (person.email === '') return 'no e-mail address';
  if (!isEmail(person.email)) return 'not a valid e-mail address';
  if (person.attendance === 'none') return `not needed at the ${context.policy.milestone.replaceAll('_', ' ')}`;
  const domain = companyDomain(person.email);
  const isOwn = context.own.emails.has(person.email) || (domain !== undefined && context.own.domains.has(domain));
  if (!person.inRegistry && isOwn) return 'on the vendor’s side and not in the registry';
  const isOnlyLead = person.side !== 'customer' && person.roles.length === 1 && person.roles[0] === CS_LEAD_ROLE;
  if (isOnlyLead && context.hasDealLead && !person.isDealRow && !person.attendanceIsExplicit) {
    return 'the deal has a CS lead of its own';
  }
  const { roles, workstream = '' } = context;
  if (roles !== undefined && !person.roles.some((role) => roles.includes(role))) {
    const which = workstream === '' ? 'the kickoff' : `workstream ${workstream}`;
    return `${which} is for ${alternatives(roles)} only`;
  }
  return undefined;
}

function toParticipant(person: Candidate, organizer: Organizer | undefined): Participant {
  const timezone = person.timezone ?? organizer?.timezone;
  return {
    email: person.email,
    ...(person.name === undefined ? {} : { name: person.name }),
    ...(timezone === undefined ? {} : { timezone }),
    side: person.side,
    roles: person.roles,
    attendance: person.attendance === 'optional' ? 'optional' : 'required',
    from: person.from,
  };
}

function exclusion(person: Candidate, reason: string): ExcludedPerson {
  return {
    ...(person.email === '' ? {} : { email: person.email }),
    ...(person.name === undefined ? {} : { name: person.name }),
    reason,
  };
}

function contactsWithoutAddress(contacts: readonly AssemblyContact[]): ExcludedPerson[] {
  return contacts
    .filter((contact) => normaliseEmail(contact.email) === undefined)
    .map((contact) => {
      const name = nameOfContact(contact);
      return { ...(name === undefined ? {} : { name }), reason: 'no e-mail address' };
    });
}

function byRank(a: Candidate, b: Candidate): number {
  return rankOfPerson(a.roles) - rankOfPerson(b.roles) || (a.email < b.email ? -1 : 1);
}

function byImportance(a: Candidate, b: Candidate): number {
  const order = (person: Candidate) => (person.attendance === 'required' ? 0 : 1);
  return order(a) - order(b) || byRank(a, b);
}

function byWho(a: ExcludedPerson, b: ExcludedPerson): number {
  const who = (person: ExcludedPerson) => person.email ?? person.name ?? '';
  return who(a) < who(b) ? -1 : who(a) > who(b) ? 1 : 0;
}
