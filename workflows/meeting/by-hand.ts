/** What people change of a meeting request by hand: the same for a kickoff's and a lead's. */
import { ApplicationFailure } from '@temporalio/workflow';
import type { RequestView, Timeframe } from '../../activities/contract.ts';
import { prompt, sentenceOf } from '../activities.ts';
import type { UpdateContextCommand } from '../messages.ts';
import type { Meeting } from './lifecycle.ts';

/** What its owner hears of the request. */
export type RequestNews =
  /** As SkipUp has it; `at` stands in for instants that SkipUp leaves out. */
  | { type: 'request_read'; view: RequestView; at: string }
  /** The next cancellation is ours; what becomes of the meeting is said when SkipUp has answered. */
  | { type: 'taking_back' }
  /** SkipUp did not cancel the request: what it says counts again. */
  | { type: 'not_taken_back' };

/** Whose meeting request it is. */
export interface RequestOwner {
  readonly state: { readonly meeting?: Meeting };
  apply(news: RequestNews): void;
  now(): string;
}

/**
 * Changes title, purpose, description, length or window.
 *
 * @param windowChanged told of the new window once SkipUp has it
 * @returns the answer, a sentence
 * @throws ApplicationFailure with a sentence that says why it could not be done; nothing has changed then
 */
export async function updateContext(
  owner: RequestOwner,
  input: UpdateContextCommand,
  windowChanged: (timeframe: Timeframe) => void,
): Promise<string> {
  const requestId = owner.state.meeting?.requestId;
  if (requestId === undefined) throw refused('There is no meeting request yet.');
  const { timeframe, ...context } = input;
  await attempt(() => prompt.updateMeetingContext({ requestId, context, ...(timeframe && { timeframe }) }));
  if (timeframe !== undefined) windowChanged(timeframe);
  return `Updated: ${Object.keys(input).join(', ')}.`;
}

/** Pauses or resumes. @throws as {@link updateContext} */
export async function changeStatus(
  owner: RequestOwner,
  wanted: 'paused' | 'active',
  change: (requestId: string) => Promise<RequestView>,
): Promise<string> {
  const requestId = owner.state.meeting?.requestId;
  if (requestId === undefined) throw refused('There is no meeting request yet.');
  const view = await attempt(() => change(requestId));
  if (view.status !== wanted) return contradicted(owner, view);
  owner.apply({ type: 'request_read', view, at: owner.now() });
  return wanted === 'paused' ? 'The scheduling is paused.' : 'The scheduling goes on.';
}

/** Cancels the request at SkipUp, or fails with what it says instead. */
export async function takeBack(owner: RequestOwner, requestId: string, notify: boolean): Promise<void> {
  owner.apply({ type: 'taking_back' });
  try {
    const view = await attempt(() => prompt.cancelMeetingRequest({ requestId, notify }));
    if (view.status !== 'cancelled') contradicted(owner, view);
  } catch (error) {
    owner.apply({ type: 'not_taken_back' });
    throw error;
  }
}

/** SkipUp's request has moved on meanwhile: what it says counts, and the person is told. */
function contradicted(owner: RequestOwner, view: RequestView): never {
  owner.apply({ type: 'request_read', view, at: owner.now() });
  throw refused(`Not done: the meeting request is ${view.status} at SkipUp.`);
}

/** A call that a person waits for; its failure is a sentence. */
export async function attempt<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw refused(`SkipUp did not do it: ${sentenceOf(error)}`);
  }
}

function refused(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'CommandRefused');
}
