import type { KickoffRow } from '../database/index.ts';
import type { Started } from './start-kickoff.ts';

export interface WonDealKickoffs {
  /** Workstreams that start with the deal. */
  workstreams: readonly string[];
  /** The kickoffs that the deal, or one merged into it, had before. */
  known: readonly Pick<KickoffRow, 'workstream' | 'origin'>[];
  /** The main kickoff runs and has been told: it is not to be started. */
  isMainTold?: boolean;
}

/**
 * Starts the kickoffs of a deal that is won: the main one, and each workstream that starts with the deal. When one of them
 * cannot be started the others are all the same, and the failure is thrown then: the repetition starts what is missing, for
 * each is started once however often this is called.
 *
 * A deal that had its main kickoff by an earlier event had its workstreams then: one that was configured later is left alone.
 * A person begins the main kickoff alone, so that the event that follows brings the workstreams.
 *
 * @param start starts one; without a name the main kickoff
 * @returns what became of each, the main one first
 */
export async function startWonDeal<T extends Pick<Started, 'started' | 'mustWait'>>(
  start: (workstream?: string) => Promise<T>,
  { workstreams, known, isMainTold = false }: WonDealKickoffs,
): Promise<T[]> {
  const main = isMainTold ? undefined : await start();
  const isNews = main?.started === true || main?.mustWait === true || known.some(isMainByHand);
  const due = workstreams.filter((name) => isNews || known.some((row) => row.workstream === name));
  const settled = await Promise.allSettled(due.map((name) => start(name)));
  const others = settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  return main === undefined ? others : [main, ...others];
}

function isMainByHand({ workstream, origin }: Pick<KickoffRow, 'workstream' | 'origin'>): boolean {
  return workstream === '' && 'kind' in origin && origin.kind === 'manual';
}
