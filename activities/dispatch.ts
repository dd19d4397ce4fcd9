import { Context } from '@temporalio/activity';
import type { Crm, CrmName } from '../crm/index.ts';
import type { Database, KickoffRow } from '../database/index.ts';
import type { StartKickoff } from '../temporal/index.ts';
import type { DispatchActivities } from './contract.ts';
import { checkedDispatch } from './dispatch-input.ts';
import { dealOf, kickoffOfDeal, notWon, wouldBegin } from './dispatched-deal.ts';
import { type KnownWorkstreams, refuseUnknownWorkstream } from './workstreams.ts';

export interface DispatchDependencies {
  database: Database;
  crms: Partial<Record<CrmName, Crm>>;
  startKickoff: StartKickoff;
  /** Default: none is configured. */
  workstreams?: KnownWorkstreams | undefined;
  /** `http://host:port/namespaces/<namespace>`: results then carry a link. */
  temporalUiUrl?: string | undefined;
}

/** Starts kickoffs by hand: checks what was typed, reads the deal, starts or joins. */
export function dispatchActivities(dependencies: DispatchDependencies): DispatchActivities {
  const { database, crms, startKickoff, workstreams, temporalUiUrl } = dependencies;
  return {
    async startKickoff(input) {
      const checked = checkedDispatch(input);
      const { workstream, requestedBy } = checked;
      refuseUnknownWorkstream(workstreams, workstream);
      const deal = await dealOf(crms, checked, Context.current().cancellationSignal);
      const { workflowId, started, message } = await startKickoff({
        deal,
        ...(workstream === undefined ? {} : { workstream }),
        origin: { kind: 'manual', reference: requestedBy ?? 'by hand', receivedAt: new Date().toISOString() },
        reopen: true,
      });
      const url = kickoffUrl(temporalUiUrl, workflowId);
      const joined = started ? undefined : joinedInWords(deal, await kickoffOfDeal(database, deal, workstream));
      const said = [joined ?? message, started ? notWon(deal) : undefined].filter((sentence) => sentence !== undefined);
      return { workflowId, started, message: said.join(' '), ...(url === undefined ? {} : { url }) };
    },
  };
}

/** Where the Temporal UI shows a kickoff; undefined when its address is not configured. */
export function kickoffUrl(temporalUiUrl: string | undefined, workflowId: string): string | undefined {
  return temporalUiUrl === undefined ? undefined : `${temporalUiUrl}/workflows/${encodeURIComponent(workflowId)}`;
}

/** What a person is told whose deal has its kickoff already; undefined when it was something else that kept it from starting. */
function joinedInWords(deal: { id: string; crm: string }, row: KickoffRow | undefined): string | undefined {
  if (row === undefined || row.crm !== deal.crm || wouldBegin(row)) return undefined;
  const whose = row.deal_id === deal.id ? `Deal ${deal.id}` : `Deal ${deal.id}, merged with ${row.deal_id},`;
  if (row.phase === 'done') {
    return `${whose} has had its kickoff: it is done. Another one of the same deal needs a name of its own, "workstream": "…".`;
  }
  return `${whose} has its kickoff already, and you have joined it: the kickoff of ${row.account_name} is in phase ${row.phase}.`;
}
