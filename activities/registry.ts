import { ApplicationFailure } from '@temporalio/activity';
import type { Crm, CrmName } from '../crm/index.ts';
import { type Database, recordResolution } from '../database/index.ts';
import { type AssemblyPolicy, accountsOf, assemble, optedOutAmong, stakeholdersFor } from '../registry/index.ts';
import { meetingContext } from './context.ts';
import type { KickoffActivities, Resolution, ResolveInput } from './contract.ts';
import { crmFailure } from './failures.ts';
import { timeframeFrom } from './timeframe.ts';
import { countedDays } from './working-days.ts';
import type { KnownWorkstreams } from './workstreams.ts';

export interface RegistryDependencies {
  database: Database;
  crms: Partial<Record<CrmName, Crm>>;
  /** Of the main kickoff. */
  assembly: AssemblyPolicy;
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

/** Who takes part: registry and CRM, read and put together, and written to the ledger. */
export function registryActivities(dependencies: RegistryDependencies): Pick<KickoffActivities, 'resolveKickoff'> {
  const { database, onEvent } = dependencies;
  return {
    async resolveKickoff(input) {
      const resolution = await resolutionOf(dependencies, input);
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
  { database, crms, assembly, workstreams }: Omit<RegistryDependencies, 'onEvent'>,
  input: Omit<ResolveInput, 'workflowId' | 'revision'>,
): Promise<Resolution> {
  const { deal } = input;
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
  const { organizer, participants, excluded, gaps } = assemble({
    ...people,
    account,
    workstream: input.workstream,
    optedOutEmails: await optedOutAmong(database.db, people),
    today: input.now.slice(0, 10),
  });
  return {
    ...(organizer === undefined ? {} : { organizer }),
    participants,
    excluded,
    gaps,
    timeframe: timeframeFrom(input.now, organizer?.timezone, input.window, {
      closedAt: deal.closedAt,
      isWorkingDay: await countedDays(input.window, account?.country),
    }),
    context: meetingContext(input.texts, { deal, organizer, participants }),
  };
}
