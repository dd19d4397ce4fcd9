import type { Candidate } from './candidates.ts';
import { isEmail, normaliseEmail } from './email.ts';
import type { AssemblyDeal, AssemblyPolicy, Organizer } from './model.ts';
import { CS_LEAD_ROLE } from './roles.ts';
import { firstTimeZone } from './time-zone.ts';

interface Named {
  email: string;
  name?: string | undefined;
  timezone?: string | undefined;
}

/**
 * Who invites: somebody named by hand, else the registry's CS lead for the deal, then for the account, of whom one whose row
 * names the workstream comes first, else the deal's owner, else the configured one. Somebody who has opted out, is not active or has no usable address is passed over.
 */
export function chooseOrganizer(input: {
  candidates: ReadonlyMap<string, Candidate>;
  optedOut: ReadonlyMap<string, string>;
  deal: AssemblyDeal;
  policy: AssemblyPolicy;
  /** Named by hand. */
  email?: string | undefined;
}): Organizer | undefined {
  const { candidates, deal, policy } = input;
  const named: (Named & { from: string })[] = [
    ...(input.email === undefined ? [] : [{ email: input.email, from: 'named by hand' }]),
    ...csLeads(candidates).map((lead) => ({ email: lead.email, from: lead.from })),
    ...(deal.owner === undefined ? [] : [{ ...deal.owner, from: 'deal owner' }]),
    ...(policy.fallbackOrganizer === undefined ? [] : [{ ...policy.fallbackOrganizer, from: 'configuration' }]),
  ];
  for (const { email: given, from } of named) {
    const email = normaliseEmail(given);
    if (email === undefined || !isEmail(email)) continue;
    const candidate = candidates.get(email);
    if (input.optedOut.has(email) || candidate?.inactive !== undefined) continue;
    // What the registry does not say about a person, the deal and the configuration may.
    const same = [deal.owner, policy.fallbackOrganizer].filter((other) => normaliseEmail(other?.email) === email);
    const name = [candidate?.name, ...same.map((other) => other?.name)].find((text) => (text ?? '').trim() !== '');
    const timezone = firstTimeZone(candidate?.timezone, ...same.map((other) => other?.timezone));
    return {
      email,
      ...(name === undefined ? {} : { name: name.trim() }),
      ...(timezone === undefined ? {} : { timezone }),
      from,
    };
  }
  return undefined;
}

/**
 * The vendor's CS leads who come to this milestone: the deal's before the account's, the workstream's before those of all,
 * required before optional, then by e-mail.
 */
function csLeads(candidates: ReadonlyMap<string, Candidate>): Candidate[] {
  const order = (lead: Candidate) =>
    (lead.isDealRow ? 0 : 4) + (lead.isWorkstreamRow ? 0 : 2) + (lead.attendance === 'required' ? 0 : 1);
  return [...candidates.values()]
    .filter((person) => person.inRegistry && person.side !== 'customer' && person.attendance !== 'none')
    .filter((person) => person.roles.includes(CS_LEAD_ROLE))
    .sort((a, b) => order(a) - order(b) || (a.email < b.email ? -1 : 1));
}
