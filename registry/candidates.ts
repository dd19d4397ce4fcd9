import { normaliseEmail } from './email.ts';
import type {
  Account,
  AssemblyContact,
  AssemblyDeal,
  AssemblyPolicy,
  ConsideredEntry,
  Milestone,
  Stakeholder,
} from './model.ts';
import { PRIMARY_ROLE, rolesOfLabels, uniteRoles } from './roles.ts';
import { isTimeZone } from './time-zone.ts';
import { isForWorkstream, workstreamsInWords } from './workstream.ts';

/** Where rows of other deals and accounts come from, in words. */
export const ELSEWHERE = 'registry (elsewhere)';

/** Where an entry stands in the precedence: the lower decides. */
const PRECEDENCE = { manualDeal: 0, registryDeal: 1, crmLabelled: 2, registryAccount: 3, crm: 4 } as const;

interface Entry {
  kind: 'row' | 'contact';
  /** Its place among the rows or the contacts. */
  index: number;
  precedence: number;
  from: string;
  name: string | undefined;
  roles: string[];
  /** Only registry rows know these. */
  row: Stakeholder | undefined;
  crmTimezone: string | undefined;
  /** Why the entry does not count today, in words. */
  inactive: string | undefined;
}

/** One person, merged from everything that is known under one e-mail address. */
export interface Candidate {
  /** Lower-cased; not yet checked. */
  email: string;
  name: string | undefined;
  side: Stakeholder['side'];
  roles: string[];
  attendance: 'required' | 'optional' | 'none';
  timezone: string | undefined;
  /** Whose the time zone is, in words. */
  timezoneFrom: string | undefined;
  from: string;
  /** Everything that names the person, in the order of precedence. */
  entries: ConsideredEntry[];
  /** In words; set when the person must not appear, whatever else is known. */
  optedOut: string | undefined;
  inactive: string | undefined;
  /** The registry names the person for this deal or this account. */
  inRegistry: boolean;
  /** The registry's decisive row is for this very deal. */
  isDealRow: boolean;
  /** The decisive row says itself whether the person comes to this milestone. */
  attendanceIsExplicit: boolean;
}

export interface CandidateInput {
  deal: AssemblyDeal;
  rows: readonly Stakeholder[];
  contacts: readonly AssemblyContact[];
  /** What is known of the account itself. */
  account?: Pick<Account, 'timezone'> | undefined;
  policy: AssemblyPolicy;
  /** Left out or empty: the main kickoff. */
  workstream?: string | undefined;
  /** Addresses that are never written to, lower-cased, with the reason. */
  optedOutEmails?: ReadonlyMap<string, string> | undefined;
  /** ISO date. */
  today: string;
}

/**
 * Merges rows and contacts by lower-cased e-mail. Precedence: a manual entry for the deal, a registry row for the deal,
 * a labelled CRM contact, a registry row for the account, any other CRM contact. The first entry decides; roles are united;
 * opting out counts from every entry, also from one that is not active or belongs to another deal or workstream.
 */
export function mergeCandidates(input: CandidateInput): {
  candidates: Map<string, Candidate>;
  /** Everybody who is opted out anywhere, by e-mail, with the reason in words; also people who are no candidates. */
  optedOut: Map<string, string>;
  /** Rows of other deals, accounts and workstreams, by e-mail: of these only the opting out counts. */
  notOfDeal: Map<string, ConsideredEntry[]>;
} {
  const entries = new Map<string, Entry[]>();
  const add = (email: string | undefined, entry: Entry) => {
    if (email === undefined) return;
    const list = entries.get(email);
    if (list === undefined) entries.set(email, [entry]);
    else list.push(entry);
  };
  const notOfDeal = new Map<string, ConsideredEntry[]>();
  for (const [index, row] of input.rows.entries()) {
    const email = normaliseEmail(row.email);
    if (isForDeal(row, input.deal) && isForWorkstream(row, input.workstream))
      add(email, entryOfRow(row, index, input.today));
    else if (email !== undefined)
      notOfDeal.set(email, [...(notOfDeal.get(email) ?? []), otherRow(row, index, input.deal)]);
  }
  for (const [index, contact] of input.contacts.entries()) {
    add(normaliseEmail(contact.email), entryOfContact(contact, index, input.policy));
  }

  const optedOut = optedOutReasons(input);
  const candidates = new Map<string, Candidate>();
  for (const [email, list] of entries) {
    const candidate = merge(email, list, input, optedOut.get(email));
    if (candidate === undefined) continue;
    candidates.set(email, { ...candidate, entries: [...candidate.entries, ...(notOfDeal.get(email) ?? [])] });
    notOfDeal.delete(email);
  }
  return { candidates, optedOut, notOfDeal };
}

function isForDeal(row: Stakeholder, deal: AssemblyDeal): boolean {
  return row.accountId === deal.account.id && (row.dealId === undefined || row.dealId === deal.id);
}

function entryOfRow(row: Stakeholder, index: number, today: string): Entry {
  const isDeal = row.dealId !== undefined;
  const registry = isDeal ? PRECEDENCE.registryDeal : PRECEDENCE.registryAccount;
  return {
    kind: 'row',
    index,
    precedence: isDeal && row.source === 'manual' ? PRECEDENCE.manualDeal : registry,
    from: isDeal ? 'registry (deal)' : 'registry (account)',
    name: presence(row.name),
    roles: row.roles.map((role) => role.trim().toLowerCase()).filter((role) => role !== ''),
    row,
    crmTimezone: undefined,
    inactive: inactivity(row, today),
  };
}

function entryOfContact(contact: AssemblyContact, index: number, policy: AssemblyPolicy): Entry {
  const labels = contact.labels.map((label) => label.trim()).filter((label) => label !== '');
  const roles = rolesOfLabels(labels, policy.roleOfLabel);
  return {
    kind: 'contact',
    index,
    precedence: labels.length > 0 ? PRECEDENCE.crmLabelled : PRECEDENCE.crm,
    from: labels.length > 0 ? `CRM (${labels.join(', ')})` : 'CRM',
    name: presence(contact.name),
    roles: contact.isPrimary ? uniteRoles(roles, [PRIMARY_ROLE]) : roles,
    row: undefined,
    crmTimezone: contact.timezone,
    inactive: undefined,
  };
}

function merge(
  email: string,
  entries: Entry[],
  { policy: { milestone }, account }: CandidateInput,
  optedOut: string | undefined,
): Candidate | undefined {
  const ordered = entries.toSorted((a, b) => a.precedence - b.precedence);
  const [decisive] = ordered;
  if (decisive === undefined) return undefined;
  // A row that is not active today tells neither a role nor an attendance; it only decides when nothing stands before it.
  const active = ordered.filter((entry) => entry.inactive === undefined);
  const [registry] = active.flatMap((entry) => (entry.row === undefined ? [] : [entry.row]));
  const attendance = registry?.attendance[milestone];
  const side = registry?.side ?? ordered.find((entry) => entry.row !== undefined)?.row?.side ?? 'customer';
  // An account's zone is where the customer's people are, not ours.
  const zone = timezoneOf(active, side === 'customer' ? account?.timezone : undefined);
  return {
    email,
    name: active.find((entry) => entry.name !== undefined)?.name ?? decisive.name,
    side,
    roles: uniteRoles(...active.map((entry) => entry.roles)),
    attendance: attendance ?? (milestone === 'kickoff' ? 'required' : 'optional'),
    timezone: zone?.name,
    timezoneFrom: zone?.from,
    from: decisive.from,
    entries: ordered.map((entry) => considered(entry, entry === decisive, milestone)),
    optedOut,
    inactive: decisive.inactive,
    // What was taken over from the CRM is no more than the CRM's word.
    inRegistry: registry !== undefined && registry.source !== 'crm',
    isDealRow: registry?.dealId !== undefined,
    attendanceIsExplicit: attendance !== undefined,
  };
}

/** The person's own before the CRM's before the account's; each in the order of precedence. */
function timezoneOf(
  entries: readonly Entry[],
  account: string | undefined,
): { name: string; from: string } | undefined {
  const bySource = (source: Stakeholder['timezoneSource'], from: string) =>
    entries.map(({ row }) => ({
      name: (row?.timezoneSource ?? 'person') === source ? row?.timezone : undefined,
      from,
    }));
  const sources = [
    ...bySource('person', 'the person’s own'),
    ...entries.map((entry) => ({ name: entry.crmTimezone, from: 'the CRM’s' })),
    ...bySource('crm', 'the CRM’s'),
    ...bySource('account', 'the account’s'),
    { name: account, from: 'the account’s' },
  ];
  for (const { name, from } of sources) if (name !== undefined && isTimeZone(name)) return { name, from };
  return undefined;
}

function considered(entry: Entry, decides: boolean, milestone: Milestone): ConsideredEntry {
  const { kind, index, from, row, roles, inactive } = entry;
  const attendance = row?.attendance[milestone];
  const zone = row?.timezone ?? entry.crmTimezone;
  const says = [
    ...(row !== undefined && row.side !== 'customer' ? [row.side] : []),
    roles.length === 0 ? 'no role' : roles.join(' + '),
    ...(attendance === undefined ? [] : [`attendance ${attendance}`]),
    ...(zone === undefined ? [] : [`time zone ${zone}`]),
    ...(row?.optedOut === true ? ['opted out'] : []),
    ...(inactive === undefined ? [] : [inactive]),
  ];
  const part = decides ? 'decides' : inactive === undefined ? 'merged' : 'does not count';
  return { kind, index, from, part, says: says.join(', ') };
}

function otherRow(row: Stakeholder, index: number, deal: AssemblyDeal): ConsideredEntry {
  if (isForDeal(row, deal)) {
    const says = `only for ${workstreamsInWords(row.workstreams ?? [])}`;
    const from = row.dealId === undefined ? 'registry (account)' : 'registry (deal)';
    return { kind: 'row', index, from, part: 'does not count', says: row.optedOut ? `${says}, opted out` : says };
  }
  const of =
    row.accountId === deal.account.id ? `another deal, ${row.dealId ?? '?'}` : `another account, ${row.accountId}`;
  const says = row.optedOut ? `of ${of}: only its opting out counts` : `of ${of}`;
  return { kind: 'row', index, from: ELSEWHERE, part: 'does not count', says };
}

function optedOutReasons({ rows, contacts, optedOutEmails = new Map() }: CandidateInput): Map<string, string> {
  const reasons = new Map<string, string>();
  for (const contact of contacts) {
    const email = normaliseEmail(contact.email);
    if (contact.optedOut && email !== undefined) reasons.set(email, 'opted out of e-mail in the CRM');
  }
  for (const row of rows) {
    const email = normaliseEmail(row.email);
    if (!row.optedOut || email === undefined) continue;
    const reason = presence(row.optedOutReason);
    reasons.set(email, reason === undefined ? (reasons.get(email) ?? 'opted out') : `opted out: ${reason}`);
  }
  for (const [email, reason] of optedOutEmails) reasons.set(email, `is never written to: ${reason}`);
  return reasons;
}

/** ISO dates compare as text; both ends are inclusive. */
function inactivity(row: Stakeholder, today: string): string | undefined {
  if (row.activeFrom !== undefined && today < row.activeFrom) return `active only from ${row.activeFrom}`;
  if (row.activeTo !== undefined && today > row.activeTo) return `active only until ${row.activeTo}`;
  return undefined;
}

function presence(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === '' ? undefined : trimmed;
}
