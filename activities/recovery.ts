import { ApplicationFailure } from '@temporalio/activity';
import { type Crm, CrmError, type CrmName } from '../crm/index.ts';
import { addressOptOut, type Database, recordRecovery } from '../database/index.ts';
import type { AssemblyPolicy } from '../registry/index.ts';
import type { Organizer, Participant } from '../registry/model.ts';
import type { LeadCheck, PreparedRecovery, PrepareRecoveryInput, RecoveryActivities } from './contract.ts';
import { crmFailure } from './failures.ts';
import type { FindMembership } from './members.ts';
import { membershipGaps } from './members-gap.ts';
import { recoveryContext } from './recovery-context.ts';
import { timeframeFrom } from './timeframe.ts';
import { countedDays } from './working-days.ts';

export interface RecoveryDependencies {
  database: Database;
  crms: Partial<Record<CrmName, Crm>>;
  assembly: AssemblyPolicy;
  /** Left out: whether the organizer is a member of the SkipUp workspace is not asked. */
  findMembership?: FindMembership | undefined;
  onEvent?: ((event: CheckedEvent) => void) | undefined;
}

/** The CRM was asked about a lead. */
export interface CheckedEvent {
  type: 'checked';
  workflowId: string;
  crm: CrmName;
  leadId: string;
  leadName?: string;
  /** In words: what the lead has booked. */
  meeting?: string;
  /** In words: why it may not be written to. */
  optedOut?: string;
}

/** How long the answer about the organizer is waited for, in milliseconds: as a local activity this has 4 s. */
const MEMBERSHIP_MS = 1_500;

/** What a lead's recovery asks of CRM, registry and ledger. What ends a recovery is written down by whoever finds it out. */
export function recoveryActivities(dependencies: RecoveryDependencies): RecoveryActivities {
  const { database, crms, onEvent } = dependencies;
  return {
    async checkLead({ workflowId, lead, since, mayBeRequested }) {
      const found = await checked(crms, lead, since);
      const optedOut = (await addressOptOut(database.db, found.lead.email)) ?? found.optedOut;
      const check: LeadCheck = { ...found, ...(optedOut === undefined ? {} : { optedOut }) };
      const { lead: known } = check;
      // A person who wants no mail may well have a meeting: that it does is the better news.
      const end = check.meeting !== undefined ? 'booked_elsewhere' : optedOut === undefined ? undefined : 'opted_out';
      const isOver = end !== undefined && mayBeRequested !== true;
      await recordRecovery(database.db, {
        workflowId,
        phase: isOver ? end : 'checking',
        lead: known,
        ...(!isOver ? {} : { reason: check.meeting ?? optedOut, needs: [] }),
      });
      onEvent?.({
        type: 'checked',
        workflowId,
        crm: known.crm,
        leadId: known.id,
        ...(known.name === undefined ? {} : { leadName: known.name }),
        ...(check.meeting === undefined ? {} : { meeting: check.meeting }),
        ...(optedOut === undefined ? {} : { optedOut }),
      });
      return check;
    },
    async prepareRecovery(input) {
      const prepared = await preparedFor(input, dependencies);
      const { organizer, needs } = prepared;
      const phase = needs.length > 0 ? 'needs_attention' : 'requesting';
      await recordRecovery(database.db, { workflowId: input.workflowId, phase, organizer, needs });
      return prepared;
    },
    async recordRecovery(record) {
      await recordRecovery(database.db, record);
    },
  };
}

/**
 * The lead as its CRM has it now, with a meeting that it has made since. A CRM that does not know the lead any more has been
 * told to forget it.
 */
async function checked(
  crms: Partial<Record<CrmName, Crm>>,
  lead: LeadCheck['lead'],
  since: string,
): Promise<LeadCheck> {
  const crm = crms[lead.crm];
  // A form's lead that no CRM knows.
  if (crm === undefined && lead.crm === 'generic') return withOptOut(lead);
  if (crm === undefined) {
    throw ApplicationFailure.nonRetryable(`No CRM named ${lead.crm} is configured on this worker.`, 'Configuration');
  }
  const { leads } = crm;
  if (leads === undefined) return withOptOut(lead);
  try {
    // The generic trigger's leads came whole, and nobody can be asked for them again.
    const now = lead.crm === 'generic' ? lead : merged(lead, await leads.readLead({ id: lead.id }));
    const meeting = await leads.findMeeting(now, since);
    return { ...withOptOut(now), ...(meeting === undefined ? {} : { meeting }) };
  } catch (error) {
    if (error instanceof CrmError && error.code === 'not_found') {
      return { lead, optedOut: `${crm.name} does not know the lead any more` };
    }
    throw crmFailure(error);
  }
}

/** What the CRM says now; what it does not say stays as the form said it. */
function merged(before: LeadCheck['lead'], now: LeadCheck['lead']): LeadCheck['lead'] {
  return { ...before, ...now, optedOut: before.optedOut || now.optedOut };
}

function withOptOut(lead: LeadCheck['lead']): LeadCheck {
  return { lead, ...(lead.optedOut ? { optedOut: 'opted out in the CRM' } : {}) };
}

async function preparedFor(
  { lead, form, now, organizerEmail, texts, window }: PrepareRecoveryInput,
  { assembly, findMembership }: RecoveryDependencies,
): Promise<PreparedRecovery> {
  const organizer = organizerOf(lead.owner, assembly.fallbackOrganizer, organizerEmail);
  const participant: Participant = {
    email: lead.email,
    ...(lead.name === undefined ? {} : { name: lead.name }),
    ...(lead.timezone === undefined ? {} : { timezone: lead.timezone }),
    side: 'customer',
    roles: [],
    attendance: 'required',
    from: form.name,
  };
  return {
    ...(organizer === undefined ? {} : { organizer }),
    participant,
    timeframe: timeframeFrom(now, organizer?.timezone, window, {
      isWorkingDay: await countedDays(window, undefined),
    }),
    context: recoveryContext(texts, { lead, form, organizer, participant }),
    needs: organizer === undefined ? [NOBODY_ORGANIZES] : await needsOfOrganizer(organizer, findMembership),
  };
}

const NOBODY_ORGANIZES =
  'Nobody organizes: the lead has no owner in the CRM, and assembly.fallbackOrganizer is not set. Name an active SkipUp member with `changeOrganizer`.';

/** SkipUp would refuse the request of somebody who is no member. What cannot be found out now, SkipUp will say. */
async function needsOfOrganizer(organizer: Organizer, findMembership: FindMembership | undefined): Promise<string[]> {
  const membership = await findMembership?.(organizer.email, { withinMs: MEMBERSHIP_MS });
  const gaps = membership === undefined ? [] : membershipGaps(organizer, membership);
  return gaps.filter(({ severity }) => severity === 'block').map(({ message }) => message);
}

/** Somebody named by hand, else the lead's owner (its representative), else the configured one. */
function organizerOf(
  owner: LeadCheck['lead']['owner'],
  fallback: AssemblyPolicy['fallbackOrganizer'],
  byHand: string | undefined,
): Organizer | undefined {
  const named = [
    ...(byHand === undefined ? [] : [{ email: byHand, from: 'named by hand' }]),
    ...(owner === undefined ? [] : [{ ...owner, from: 'lead owner' }]),
    ...(fallback === undefined ? [] : [{ ...fallback, from: 'configuration' }]),
  ];
  const [first] = named;
  if (first === undefined) return undefined;
  const email = first.email.trim().toLowerCase();
  const same = [owner, fallback].filter((other) => other?.email.trim().toLowerCase() === email);
  const name = same.map((other) => other?.name).find((text) => text !== undefined);
  const timezone = same.map((other) => other?.timezone).find((zone) => zone !== undefined);
  return {
    email,
    ...(name === undefined ? {} : { name }),
    ...(timezone === undefined ? {} : { timezone }),
    from: first.from,
  };
}
