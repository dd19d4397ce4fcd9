import { personDifferences } from '../differences.ts';
import { companyDomain, isEmail, normaliseEmail } from '../email.ts';
import type { AssemblyContact, AssemblyDeal, Stakeholder } from '../model.ts';
import { rolesOfLabels, uniteRoles } from '../roles.ts';
import { isTimeZone } from '../time-zone.ts';
import { endedBefore, keepOptedOut, keyOf, type RegistryDifferences } from './compare-registry.ts';

export interface CrmSync {
  /** The CRM's name, for where a row comes from. */
  crm: string;
  deal: AssemblyDeal;
  /** The deal's contacts in the CRM. */
  contacts: readonly AssemblyContact[];
  /** Lower-cased label → role. */
  roleOfLabel: Record<string, string>;
  /** ISO date. */
  today: string;
}

const OPTED_OUT = 'opted out of e-mail in the CRM';

/**
 * What taking a deal's labelled contacts into the registry would change. A row that a person or a file has made is left
 * as it is; a row of the CRM's whose contact has no label any more is ended. Whoever has opted out in the CRM is opted
 * out in every row of the account; nobody is opted in. The vendor's own people are left to the registry.
 *
 * @param known every row of the deal's account
 */
export function compareCrm(known: readonly Stakeholder[], sync: CrmSync): RegistryDifferences {
  const differences: RegistryDifferences = {
    added: [],
    changed: [],
    ended: [],
    unchanged: [],
    keptOptedOut: [],
    accounts: [],
  };
  const labelled = new Map<string, Stakeholder>();
  for (const row of sync.contacts.flatMap((contact) => rowOf(contact, sync))) {
    const earlier = labelled.get(keyOf(row));
    labelled.set(keyOf(row), earlier === undefined ? row : united(earlier, row));
  }
  const optedOut = new Set(
    sync.contacts.filter((contact) => contact.optedOut).map((contact) => normaliseEmail(contact.email)),
  );
  for (const before of known) {
    const key = keyOf(before);
    const fromCrm = labelled.get(key);
    labelled.delete(key);
    const isOurs = before.source === 'crm' && before.dealId === sync.deal.id;
    const isActive = before.activeTo === undefined || before.activeTo >= sync.today;
    const ends = isOurs && fromCrm === undefined && isActive;
    const current = isOurs && fromCrm !== undefined ? keepOptedOut(before, { ...fromCrm, ...limits(before) }) : before;
    const kept = ends ? endedBefore(current, sync.today) : current;
    const isOut = optedOut.has(before.email) && !kept.optedOut;
    const after = isOut ? { ...kept, optedOut: true, optedOutReason: OPTED_OUT } : kept;
    if (fromCrm !== undefined && before.optedOut && !fromCrm.optedOut) differences.keptOptedOut.push(before);
    const fields = personDifferences(before, after);
    if (fields.length > 0) differences[ends ? 'ended' : 'changed'].push({ before, after, fields });
    else if (isOurs || fromCrm !== undefined) differences.unchanged.push(before);
  }
  differences.added.push(...labelled.values());
  return differences;
}

/** A CRM says nothing of workstreams. */
function limits({ workstreams }: Stakeholder): Pick<Stakeholder, 'workstreams'> {
  return workstreams === undefined ? {} : { workstreams };
}

function rowOf(contact: AssemblyContact, { crm, deal, roleOfLabel }: CrmSync): Stakeholder[] {
  const email = normaliseEmail(contact.email);
  const labels = contact.labels.filter((label) => label.trim() !== '');
  if (email === undefined || !isEmail(email) || labels.length === 0 || isOwn(email, deal)) return [];
  const name = oneLine(contact.name ?? '');
  const { timezone } = contact;
  return [
    {
      accountId: deal.account.id,
      dealId: deal.id,
      email,
      ...(name === '' ? {} : { name }),
      side: 'customer',
      roles: rolesOfLabels(labels, roleOfLabel),
      attendance: {},
      ...(timezone !== undefined && isTimeZone(timezone) ? { timezone, timezoneSource: 'crm' as const } : {}),
      optedOut: contact.optedOut,
      ...(contact.optedOut ? { optedOutReason: OPTED_OUT } : {}),
      source: 'crm',
      sourceRef: contact.id === undefined ? crm : `${crm} contact ${contact.id}`,
    },
  ];
}

/** A name in a CRM may be anything; in the registry it is one line of at most 200 characters, as in a file. */
function oneLine(name: string): string {
  const line = name.toWellFormed().replace(/[\p{Cc}\s]+/gu, ' ');
  return line
    .trim()
    .slice(0, 200)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trim();
}

function isOwn(email: string, { owner }: AssemblyDeal): boolean {
  const own = normaliseEmail(owner?.email);
  if (own === undefined) return false;
  const domain = companyDomain(email);
  return email === own || (domain !== undefined && domain === companyDomain(own));
}

/** Two contacts of one address are one person. */
function united(a: Stakeholder, b: Stakeholder): Stakeholder {
  const optedOut = a.optedOut || b.optedOut;
  return {
    ...b,
    ...a,
    roles: uniteRoles(a.roles, b.roles),
    optedOut,
    ...(optedOut ? { optedOutReason: OPTED_OUT } : {}),
  };
}
