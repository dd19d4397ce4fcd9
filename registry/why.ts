import { type Candidate, ELSEWHERE } from './candidates.ts';
import { normaliseEmail } from './email.ts';
import type { AssemblyContact, ConsideredEntry, Organizer, PersonTrail } from './model.ts';

export interface Decided {
  organizer: Organizer | undefined;
  /** Everybody whom the registry or the CRM names for the deal, by e-mail. */
  candidates: ReadonlyMap<string, Candidate>;
  /** Everybody who was judged: these, or who was named by hand in their place. */
  people: readonly Candidate[];
  participants: readonly Candidate[];
  leftOut: readonly { person: Candidate; reason: string }[];
  /** The participants were named by hand: nobody else was asked for. */
  namedByHand: boolean;
  notOfDeal: ReadonlyMap<string, ConsideredEntry[]>;
  contacts: readonly AssemblyContact[];
}

/** For each person why they are in or out: the organizer, the participants in their order, then the others by address. */
export function tellWhy(decided: Decided): PersonTrail[] {
  const { organizer, candidates, participants, leftOut, notOfDeal } = decided;
  const told = new Set([...participants, ...leftOut.map(({ person }) => person)].map((person) => person.email));
  if (organizer !== undefined) told.add(organizer.email);
  const others = [
    ...leftOut.map(({ person, reason }) => trailOf(person, 'excluded', reason, notOfDeal)),
    ...[...candidates.values()]
      .filter((person) => !told.has(person.email))
      .map((person) => trailOf(person, 'replaced', 'others were named by hand', notOfDeal)),
    // Somebody whom only another deal knows may have been named by hand, or own this deal.
    ...[...notOfDeal]
      .filter(([email]) => !told.has(email))
      .map(([email, entries]): PersonTrail => {
        return { email, outcome: 'not_of_deal', reason: whoNames(entries), entries };
      }),
    ...contactTrails(decided),
  ];
  return [
    ...(organizer === undefined ? [] : [organizerTrail(organizer, decided)]),
    ...participants.map((person) => trailOf(person, 'participant', reasonToInvite(person), notOfDeal)),
    ...others.sort(byWho),
  ];
}

function whoNames(entries: readonly ConsideredEntry[]): string {
  const isElsewhere = entries.some(({ from }) => from === ELSEWHERE);
  const isOfWorkstream = entries.some(({ from }) => from !== ELSEWHERE);
  if (isElsewhere && isOfWorkstream) return 'only other deals, accounts and workstreams name them';
  return isElsewhere ? 'only other deals or accounts name them' : 'only other workstreams name them';
}

function reasonToInvite(person: Candidate): string {
  const roles = person.roles.length === 0 ? 'without a role' : person.roles.join(' + ');
  return `${person.attendance}, ${roles}, from ${person.from}`;
}

function trailOf(
  person: Candidate,
  outcome: PersonTrail['outcome'],
  reason: string,
  notOfDeal: Decided['notOfDeal'],
): PersonTrail {
  const withZone = person.timezone !== undefined && person.timezoneFrom !== undefined;
  const zone = withZone ? `${person.timezone}, ${person.timezoneFrom}` : undefined;
  return {
    ...(person.email === '' ? {} : { email: person.email }),
    ...(person.name === undefined ? {} : { name: person.name }),
    outcome,
    reason,
    ...(zone === undefined ? {} : { timezoneFrom: zone }),
    entries: [...person.entries, ...(notOfDeal.get(person.email) ?? [])],
  };
}

function organizerTrail(organizer: Organizer, { people, candidates, notOfDeal }: Decided): PersonTrail {
  const { email, name } = organizer;
  const known = people.find((person) => person.email === email) ?? candidates.get(email);
  return {
    email,
    ...(name === undefined ? {} : { name }),
    outcome: 'organizer',
    reason: `invites, from ${organizer.from}`,
    entries: [...(known?.entries ?? []), ...(notOfDeal.get(email) ?? [])],
  };
}

/** A contact without an address is nobody's entry, so each has a trail of its own. */
function contactTrails({ contacts, namedByHand }: Decided): PersonTrail[] {
  return [...contacts.entries()]
    .filter(([, contact]) => normaliseEmail(contact.email) === undefined)
    .map(([index, contact]) => {
      const name = nameOfContact(contact);
      return {
        ...(name === undefined ? {} : { name }),
        outcome: namedByHand ? 'replaced' : 'excluded',
        reason: namedByHand ? 'others were named by hand' : 'no e-mail address',
        entries: [{ kind: 'contact', index, from: 'CRM', part: 'decides', says: 'no e-mail address' }],
      };
    });
}

/** What to call somebody who may have no address. */
export function nameOfContact(contact: AssemblyContact): string | undefined {
  return contact.name?.trim() || (contact.id === undefined ? undefined : `contact ${contact.id}`);
}

function byWho(a: PersonTrail, b: PersonTrail): number {
  const who = (person: PersonTrail) => person.email ?? person.name ?? '';
  return who(a) < who(b) ? -1 : who(a) > who(b) ? 1 : 0;
}
