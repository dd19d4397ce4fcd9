import { ApplicationFailure, isCancellation, setCurrentDetails } from '@temporalio/workflow';
import { catchingUp, sentenceOf } from '../activities.ts';
import type { CatchUpReport } from '../messages.ts';
import { details } from './describe.ts';

/**
 * The net below the CRMs' webhooks, started by a Schedule: deals that were won and told nobody get their kickoff. A CRM
 * that cannot be asked does not keep the others from being asked, and the next time goes on where this one got to.
 *
 * @returns what it found
 * @throws fails when no CRM could be asked, so that the Schedule shows it
 */
export async function catchUp(): Promise<CatchUpReport> {
  try {
    const report = await catchingUp.catchUpDeals();
    setCurrentDetails(details(report));
    return report;
  } catch (error) {
    if (isCancellation(error)) throw error;
    const problem = sentenceOf(error);
    setCurrentDetails(details({ crms: [], problems: [problem] }));
    throw ApplicationFailure.nonRetryable(problem, 'CatchUpFailed');
  }
}
