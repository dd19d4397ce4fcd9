import {
  type Account,
  type AssemblyPolicy,
  alternatives,
  assemble,
  type Organizer,
  type Participant,
  roleTitle,
  type Stakeholder,
} from '../../registry/index.ts';

/** A role, or one of several, that a kickoff looks for. */
export interface Chair {
  /** Any of these fills it; the first is who to look for. */
  roles: readonly string[];
  title: string;
  /** A kickoff waits for a person while it is empty. */
  isRequired: boolean;
  holders: Participant[];
}

export interface Coverage {
  chairs: Chair[];
  /** Who would invite, if the deal has no owner. */
  organizer: Organizer | undefined;
}

export interface CoverageInput {
  accountId: string;
  account?: Account | undefined;
  /** Every row of the account. */
  rows: readonly Stakeholder[];
  policy: AssemblyPolicy;
  /** Empty: a deal of which the registry says nothing of its own. */
  dealId?: string;
  workstream?: string;
  optedOutEmails: ReadonlyMap<string, string>;
  /** ISO date. */
  today: string;
}

/**
 * Which chairs the registry alone fills, by the very rules by which a kickoff chooses its people; what the CRM adds is found
 * out when there is a deal.
 */
export function coverageOf({ accountId, dealId = '', account, policy, ...given }: CoverageInput): Coverage {
  const deal = { id: dealId, account: { id: accountId, name: account?.name ?? accountId } };
  const { participants, organizer } = assemble({ ...given, deal, account, policy, contacts: [] });
  const holding = (roles: readonly string[]) =>
    participants.filter((person) => person.roles.some((role) => roles.includes(role)));
  const lead = policy.requireOneOf;
  return {
    chairs: [
      ...(lead.length === 0
        ? []
        : [
            {
              roles: lead,
              title: alternatives(lead),
              isRequired: true,
              holders: holding(lead).filter((person) => person.side === 'customer'),
            },
          ]),
      ...policy.expectRoles.map((role) => ({
        roles: [role],
        title: roleTitle(role),
        isRequired: false,
        holders: holding([role]),
      })),
    ],
    organizer,
  };
}

/** So many deals of an account are looked at. */
export const DEALS_LOOKED_AT = 10;

/** The deals for which the registry has rows of their own, the highest id first. */
export function dealsIn(rows: readonly Stakeholder[]): string[] {
  return [...new Set(rows.flatMap(({ dealId }) => (dealId === undefined ? [] : [dealId])))].sort().reverse();
}

/**
 * The chairs of an account as a whole: one is filled when it is for every deal that the registry knows, or, where it knows
 * none, for any deal that may come.
 */
export function coverageOfAccount(input: Omit<CoverageInput, 'dealId'>): Chair[] {
  const deals = dealsIn(input.rows).slice(0, DEALS_LOOKED_AT);
  const coverages = (deals.length === 0 ? [''] : deals).map((dealId) => coverageOf({ ...input, dealId }));
  const [first, ...others] = coverages.map(({ chairs }) => chairs);
  return (first ?? []).map((chair, index) => {
    const isFilled = others.every((chairs) => (chairs[index]?.holders.length ?? 0) > 0);
    return isFilled ? chair : { ...chair, holders: [] };
  });
}
