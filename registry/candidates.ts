import { normaliseEmail } from './email.ts';
import type { AssemblyContact, AssemblyDeal, AssemblyPolicy, Milestone, Stakeholder } from './model.ts';
import { PRIMARY_ROLE, rolesOfLabels, uniteRoles } from './roles.ts';
import { firstTimeZone } from './time-zone.ts';

/** Where an entry stands in the precedence: the lower decides. */
const PRECEDENCE = { manualDeal: 0, registryDeal: 1, crmLabelled: 2, registryAccount: 3, crm: 4 } as const;

interface Entry {
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
  from: string;
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
  policy: AssemblyPolicy;
  /** ISO date. */
  today: string;
}

/**
 * Merges rows and contacts by lower-cased e-mail. Precedence: a manual entry for the deal, a registry row for the deal,
 * a labelled CRM contact, a registry row for the account, any other CRM contact. The first entry decides; roles are united;
 * opting out counts from every entry, also from one that is not active or belongs to another deal.
 */
export function mergeCandidates(input: CandidateInput): {
  candidates: Map<string, Candidate>;
  /** Everybody who is opted out anywhere, by e-mail, with the reason in words; also people who are no candidates. */
  optedOut: Map<string, string>;
} {
  const entries = new Map<string, Entry[]>();
  const add = (email: string | undefined, entry: Entry) => {
    if (email === undefined) return;
    const list = entries.get(email);
    if (list === undefined) entries.set(email, [entry]);
    else list.push(entry);
  };
  for (const row of input.rows) {
    if (isForDeal(row, input.deal)) add(normaliseEmail(row.email), entryOfRow(row, input.today));
  }
  for (const contact of input.contacts) add(normaliseEmail(contact.email), entryOfContact(contact, input.policy));

  const optedOut = optedOutReasons(input.rows, input.contacts);
  const candidates = new Map<string, Candidate>();
  for (const [email, list] of entries) {
    const candidate = merge(email, list, input.policy.milestone, optedOut.get(email));
    if (candidate !== undefined) candidates.set(email, candidate);
  }
  return { candidates, optedOut };
}

function isForDeal(row: Stakeholder, deal: AssemblyDeal): boolean {
  return row.accountId === deal.account.id && (row.dealId === undefined || row.dealId === deal.id);
}

function entryOfRow(row: Stakeholder, today: string): Entry {
  const isDeal = row.dealId !== undefined;
  const registry = isDeal ? PRECEDENCE.registryDeal : PRECEDENCE.registryAccount;
  return {
    precedence: isDeal && row.source === 'manual' ? PRECEDENCE.manualDeal : registry,
    from: isDeal ? 'registry (deal)' : 'registry (account)',
    name: presence(row.name),
    roles: row.roles.map((role) => role.trim().toLowerCase()).filter((role) => role !== ''),
    row,
    crmTimezone: undefined,
    inactive: inactivity(row, today),
  };
}

function entryOfContact(contact: AssemblyContact, policy: AssemblyPolicy): Entry {
  const labels = contact.labels.map((label) => label.trim()).filter((label) => label !== '');
  const roles = rolesOfLabels(labels, policy.roleOfLabel);
  return {
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
  milestone: Milestone,
  optedOut: string | undefined,
): Candidate | undefined {
  const ordered = entries.toSorted((a, b) => a.precedence - b.precedence);
  const [decisive] = ordered;
  if (decisive === undefined) return undefined;
  // A row that is not active today tells neither a role nor an attendance; it only decides when nothing stands before it.
  const active = ordered.filter((entry) => entry.inactive === undefined);
  const [registry] = active.flatMap((entry) => (entry.row === undefined ? [] : [entry.row]));
  const attendance = registry?.attendance[milestone];
  return {
    email,
    name: active.find((entry) => entry.name !== undefined)?.name ?? decisive.name,
    side: registry?.side ?? ordered.find((entry) => entry.row !== undefined)?.row?.side ?? 'customer',
    roles: uniteRoles(...active.map((entry) => entry.roles)),
    attendance: attendance ?? (milestone === 'kickoff' ? 'required' : 'optional'),
    timezone: timezoneOf(active),
    from: decisive.from,
    optedOut,
    inactive: decisive.inactive,
    inRegistry: registry !== undefined,
    isDealRow: registry?.dealId !== undefined,
    attendanceIsExplicit: attendance !== undefined,
  };
}

/** The person's own before the CRM's before the account's; each in the order of precedence. */
function timezoneOf(entries: readonly Entry[]): string | undefined {
  const bySource = (source: Stakeholder['timezoneSource']) =>
    entries.map(({ row }) => ((row?.timezoneSource ?? 'person') === source ? row?.timezone : undefined));
  return firstTimeZone(
    ...bySource('person'),
    ...entries.map((entry) => entry.crmTimezone),
    ...bySource('crm'),
    ...bySource('account'),
  );
}

function optedOutReasons(rows: readonly Stakeholder[], contacts: readonly AssemblyContact[]): Map<string, string> {
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
