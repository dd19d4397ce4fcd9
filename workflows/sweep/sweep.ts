import { ApplicationFailure, isCancellation, setCurrentDetails } from '@temporalio/workflow';
import { sentenceOf, sweeping } from '../activities.ts';
import type { SweepReport } from '../messages.ts';
import { details } from './describe.ts';

/**
 * The net below the webhooks, started by a Schedule. First what SkipUp could not deliver, since those webhooks say the
 * most; then what still differs between SkipUp's list and the ledger. A part that fails does not keep the other from
 * being done, and the next sweep makes up for it.
 *
 * @returns what it found
 * @throws fails when nothing could be done, so that the Schedule shows it
 */
export async function sweep(): Promise<SweepReport> {
  const problems: string[] = [];
  const deliveries = await part(() => sweeping.sweepDeliveries(), 'The deliveries could not be read', problems);
  const requests = await part(() => sweeping.sweepRequests(), 'The meeting requests could not be compared', problems);
  const report: SweepReport = { ...(deliveries && { deliveries }), ...(requests && { requests }), problems };
  setCurrentDetails(details(report));
  if (deliveries === undefined && requests === undefined) {
    throw ApplicationFailure.nonRetryable(problems.join(' '), 'SweepFailed');
  }
  return report;
}

async function part<T>(work: () => Promise<T>, failed: string, problems: string[]): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isCancellation(error)) throw error;
    problems.push(`${failed}: ${sentenceOf(error)}`);
    return undefined;
  }
}
