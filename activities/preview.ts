import { ApplicationFailure, Context } from '@temporalio/activity';
import type { KickoffPolicy } from '../config/policy.ts';
import { type KickoffRow, listMeetingRequests } from '../database/index.ts';
import { kickoffWorkflowId } from '../workflows/messages.ts';
import type { PreviewActivities, PreviewFacts } from './contract.ts';
import { checkedDispatch } from './dispatch-input.ts';
import { dealOf, kickoffOfDeal, notWon, wouldBegin } from './dispatched-deal.ts';
import { type RegistryDependencies, resolutionOf } from './registry.ts';
import { refuseUnknownWorkstream } from './workstreams.ts';

export interface PreviewDependencies extends Omit<RegistryDependencies, 'onEvent'> {
  policy: KickoffPolicy;
}

/** What a dispatch would begin. Everything is read as the kickoff itself would read it; nothing is written anywhere. */
export function previewActivities(dependencies: PreviewDependencies): PreviewActivities {
  return {
    async previewKickoff({ now, ...input }) {
      const checked = checkedDispatch(input);
      const { workstream } = checked;
      refuseUnknownWorkstream(dependencies.workstreams, workstream);
      const own = dependencies.workstreams?.get(workstream ?? '');
      const deal = await dealOf(dependencies.crms, checked, Context.current().cancellationSignal);
      const row = await kickoffOfDeal(dependencies.database, deal, workstream);
      if (row !== undefined && row.crm !== deal.crm) {
        throw ApplicationFailure.nonRetryable(
          `The kickoff ${row.workflow_id} belongs to deal ${row.deal_id} of ${row.crm}: give this one a name of its own, "workstream": "…".`,
          'DispatchInput',
        );
      }
      const warning = notWon(deal);
      const { vendor, title, purpose, description, durationMinutes, leadDays, windowDays, workingDays, country } =
        own?.policy ?? dependencies.policy;
      const { context, ...resolution } = await resolutionOf(dependencies, {
        deal,
        now,
        ...(workstream === undefined ? {} : { workstream }),
        texts: { vendor, title, purpose, description, durationMinutes },
        window: { leadDays, windowDays, workingDays, ...(country === undefined ? {} : { country }) },
      });
      return {
        workflowId: row?.workflow_id ?? kickoffWorkflowId(deal.id, workstream),
        revision: revisionOf(row),
        ...(workstream === undefined ? {} : { workstream }),
        deal: {
          id: deal.id,
          name: deal.name,
          account: deal.account.name,
          accountId: deal.account.id,
          isWon: deal.isWon,
          ...(deal.stage === undefined ? {} : { stage: deal.stage }),
          ...(deal.url === undefined ? {} : { url: deal.url }),
        },
        ...resolution,
        title: context.title,
        ...(own !== undefined && { rules: own.inWords }),
        ...(warning !== undefined && wouldBegin(row) && { warning }),
        ...(row !== undefined && row.started_at !== null && { existing: await existing(dependencies, row) }),
      };
    },
  };
}

/** The revision that a kickoff would have if it began now: one more than a kickoff that fell through. */
function revisionOf(row: KickoffRow | undefined): number {
  if (row === undefined) return 1;
  return row.started_at !== null && wouldBegin(row) ? row.revision + 1 : row.revision;
}

async function existing(
  { database }: PreviewDependencies,
  row: KickoffRow,
): Promise<NonNullable<PreviewFacts['existing']>> {
  const requests = await listMeetingRequests(database.db, row.workflow_id);
  const key = requests.at(-1)?.idempotency_key;
  const { phase, revision } = row;
  return { phase, revision, fellThrough: wouldBegin(row), ...(key === undefined ? {} : { key }) };
}
