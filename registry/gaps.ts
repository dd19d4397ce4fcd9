import { domainOf } from './email.ts';
import type { AssemblyPolicy, Gap, Organizer, Participant } from './model.ts';
import { alternatives, roleTitle } from './roles.ts';

export interface GapInput {
  organizer: Organizer | undefined;
  participants: readonly Participant[];
  /** How many of the customer's people were left out, and how many of them because they opted out. */
  customerLeftOut: { all: number; optedOut: number };
  /** How many more than `policy.maxParticipants` there were. */
  tooMany: number;
  /** Those for whom the organizer's time zone stands in. */
  withoutTimezone: readonly { email: string; name: string | undefined }[];
  /** The participants were named by hand: who does so has decided to go without a lead. */
  namedByHand: boolean;
  policy: AssemblyPolicy;
}

/** Everything and everybody missing; blocking gaps first. */
export function findGaps(input: GapInput): Gap[] {
  return [...blockingGaps(input), ...missingLead(input), ...warnings(input)];
}

function blockingGaps({ organizer, participants, customerLeftOut }: GapInput): Gap[] {
  const gaps: Gap[] = [];
  const customers = participants.filter((person) => person.side === 'customer');
  if (customers.length === 0) {
    const allOptedOut = customerLeftOut.optedOut > 0 && customerLeftOut.optedOut === customerLeftOut.all;
    gaps.push({
      code: allOptedOut ? 'everyone_opted_out' : 'no_participants',
      severity: 'block',
      message: allOptedOut
        ? "Everyone on the customer's side has opted out: add somebody who may be invited to the registry or the deal."
        : 'Nobody on the customer’s side can be invited: add a contact with a valid e-mail address to the deal or the registry.',
      acceptable: false,
    });
  }
  if (organizer === undefined) {
    gaps.push({
      code: 'no_organizer',
      severity: 'block',
      message:
        'Nobody can invite: give the account a CS lead in the registry, the deal an owner, or configure a fallback organizer.',
      acceptable: false,
    });
  }
  return gaps;
}

function missingLead({ participants, namedByHand, policy }: GapInput): Gap[] {
  const customers = participants.filter((person) => person.side === 'customer');
  const hasLead = customers.some((person) => person.roles.some((role) => policy.requireOneOf.includes(role)));
  if (customers.length === 0 || policy.requireOneOf.length === 0 || hasLead) return [];
  return [
    {
      code: 'no_lead',
      severity: namedByHand ? 'warn' : 'block',
      message: `No participant is ${alternatives(policy.requireOneOf)}: give one of them that role in the registry or the CRM, or go on without.`,
      acceptable: true,
    },
  ];
}

function warnings({ organizer, participants, tooMany, withoutTimezone, policy }: GapInput): Gap[] {
  const gaps: Gap[] = [];
  if (participants.length > 0) {
    for (const role of policy.expectRoles) {
      if (participants.some((person) => person.roles.includes(role))) continue;
      gaps.push(
        warning('missing_role', `No ${roleTitle(role)} is invited: add one to the registry or the deal.`, role),
      );
    }
  }
  for (const person of withoutTimezone) {
    const who = person.name === undefined ? person.email : `${person.name} <${person.email}>`;
    const instead =
      organizer?.timezone === undefined
        ? 'and the organizer has none to stand in'
        : `so the organizer's, ${organizer.timezone}, is used`;
    gaps.push(warning('missing_timezone', `${who} has no time zone, ${instead}: add it to the registry or the CRM.`));
  }
  const domains = new Set(
    [...participants, ...(organizer === undefined ? [] : [organizer])].map((p) => domainOf(p.email)),
  );
  const [domain] = domains;
  if (organizer !== undefined && participants.length > 0 && domains.size === 1 && domain !== undefined) {
    gaps.push(
      warning(
        'single_domain',
        `Everyone, the organizer included, is at ${domain}: check that the customer is not missing.`,
      ),
    );
  }
  if (tooMany > 0) {
    gaps.push(
      warning(
        'too_many_participants',
        `${tooMany} more than the ${policy.maxParticipants} people who can be invited: the least important roles were left out.`,
      ),
    );
  }
  return gaps;
}

function warning(code: Gap['code'], message: string, role?: string): Gap {
  return { code, severity: 'warn', message, acceptable: true, ...(role === undefined ? {} : { role }) };
}
