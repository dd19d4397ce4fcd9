import { ApplicationFailure } from '@temporalio/activity';
import type { Crm, CrmName } from '../crm/index.ts';
import { type Database, recordResolution } from '../database/index.ts';
import {
  type AssemblyPolicy,
  accountsOf,
  assemble,
  type Gap,
  optedOutAmong,
  stakeholdersFor,
} from '../registry/index.ts';
import { meetingContext } from './context.ts';
import type { KickoffActivities, Resolution, ResolveInput } from './contract.ts';
import { crmFailure } from './failures.ts';
import type { FindMembership } from './members.ts';
import { membershipGaps } from './members-gap.ts';
import { shortWhy } from './short-why.ts';
import { timeframeFrom } from './timeframe.ts';
import { countedDays } from './working-days.ts';
import type { KnownWorkstreams } from './workstreams.ts';

export interface RegistryDependencies {
  database: Database;
  crms: Partial<Record<CrmName, Crm>>;
  /** Of the main kickoff. */
  assembly: AssemblyPolicy;
  /** Left out: whether the organizer is a member of the SkipUp workspace is not asked. */
  findMembership?: FindMembership | undefined;
  /** Those that have rules of their own. Default: none. */
  workstreams?: KnownWorkstreams | undefined;
  /** Told of every resolution, for a live view. */
  onEvent?: ((event: ResolvedEvent) => void) | undefined;
}

export interface ResolvedEvent {
  type: 'resolved';
  workflowId: string;
  resolution: Resolution;
}

/**
 * How long the answer about the organizer is waited for, and when after its beginning the activity must be done with it: as
 * a local activity it has 4 s, in milliseconds.
 */
const MEMBERSHIP_MS = 1_500;
const MEMBERSHIP_UNTIL_MS = 3_000;

/** Who takes part: registry and CRM, read and put together, and written to the ledger. */
export function registryActivities(dependencies: RegistryDependencies): Pick<KickoffActivities, 'resolveKickoff'> {
  const { database, onEvent } = dependencies;
  return {
    async resolveKickoff(input) {
      const resolution = await resolutionOf(dependencies, input);
      if (input.readOnly === true) return resolution;
      const { organizer, participants, excluded, gaps } = resolution;
      const blocked = gaps.some((gap) => gap.severity === 'block');
      await recordResolution(database.db, {
        workflowId: input.workflowId,
        revision: input.revision,
        organizer,
        participants,
        excluded,
        gaps,
        phase: blocked ? 'needs_attention' : 'requesting',
      });
      onEvent?.({ type: 'resolved', workflowId: input.workflowId, resolution });
      return resolution;
    },
  };
}

/** Who takes part, in which window, with which texts; only read, nothing is written. */
export async function resolutionOf(
  { database, crms, assembly, findMembership, workstreams }: Omit<RegistryDependencies, 'onEvent'>,
  input: Omit<ResolveInput, 'workflowId' | 'revision'>,
): Promise<Resolution> {
  const { deal } = input;
  const beganMs = Date.now();
  const crm = crms[deal.crm];
  if (crm === undefined) {
    throw ApplicationFailure.nonRetryable(`No CRM named ${deal.crm} is configured on this worker.`, 'Configuration');
  }
  const [contacts, rows, [account]] = await Promise.all([
    deal.contacts ?? crm.listStakeholders(deal).catch((error) => Promise.reject(crmFailure(error))),
    stakeholdersFor(database.db, { accountId: deal.account.id, dealId: deal.id }),
    accountsOf(database.db, [deal.account.id]),
  ]);
  const policy = workstreams?.get(input.workstream ?? '')?.assembly ?? assembly;
  const { replacement, organizerEmail } = input;
  const people = { deal, rows, contacts, policy, replacement, organizerEmail };
  const { organizer, participants, excluded, gaps, why } = assemble({
    ...people,
    account,
    workstream: input.workstream,
    optedOutEmails: await optedOutAmong(database.db, people),
    today: input.now.slice(0, 10),
  });
  const membership =
    organizer === undefined || input.readOnly === true
      ? undefined
      : await findMembership?.(organizer.email, {
          withinMs: Math.min(MEMBERSHIP_MS, MEMBERSHIP_UNTIL_MS - (Date.now() - beganMs)),
        });
  const unfit = organizer === undefined || membership === undefined ? [] : membershipGaps(organizer, membership);
  return {
    ...(organizer === undefined ? {} : { organizer }),
    participants,
    excluded,
    gaps: blockingFirst([...gaps, ...unfit]),
    timeframe: timeframeFrom(input.now, organizer?.timezone, input.window, {
      durationMinutes: input.texts.durationMinutes,
      closedAt: deal.closedAt,
      isWorkingDay: await countedDays(input.window, account?.country),
    }),
    context: meetingContext(input.texts, { deal, organizer, participants }),
    why: shortWhy(why),
  };
}

function blockingFirst(gaps: readonly Gap[]): Gap[] {
  return gaps.toSorted((one, other) => Number(other.severity === 'block') - Number(one.severity === 'block'));
}
