import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  setCurrentDetails,
  TimeoutFailure,
} from '@temporalio/workflow';
import { dispatching, sentenceOf } from '../activities.ts';
import { kickoffKey } from '../kickoff/key.ts';
import type { DispatchInput, DispatchResult, KickoffPreview } from '../messages.ts';
import { details, previewInWords, problemDetails } from './describe.ts';

/**
 * Starts a kickoff by hand: from the Temporal UI, from the command line, from a Schedule. It exists because those give a
 * workflow an id of their own, and a kickoff must run under its deal's.
 *
 * @param input a deal's id, `{"dealId": "5012345678"}`, or a whole deal, `{"deal": {…}}`; with `"dryRun": true` nothing is
 *   started and nothing written. It is what somebody has typed: it may be anything, or missing
 * @returns which kickoff has started or was joined, and where to see it
 * @throws fails at once with every fault of the input by field
 */
export async function dispatchKickoff(input: DispatchInput): Promise<DispatchResult> {
  try {
    const result = isDryRun(input) ? await rehearse(input) : await dispatching.startKickoff(input, dealNamedIn(input));
    setCurrentDetails(details(result));
    return result;
  } catch (error) {
    if (isCancellation(error)) throw error;
    const message = inWords(error);
    setCurrentDetails(problemDetails(message));
    throw ApplicationFailure.create({ message, type: typeOf(error), nonRetryable: true });
  }
}

/** The key comes from this workflow's clock, as a kickoff's own comes from its. */
async function rehearse(input: DispatchInput): Promise<DispatchResult> {
  const now = new Date().toISOString();
  const { revision, workstream, ...facts } = await dispatching.previewKickoff({ ...input, now }, dealNamedIn(input));
  const key = kickoffKey({
    dealId: facts.deal.id,
    ...(workstream === undefined ? {} : { workstream }),
    revision,
    date: now.slice(0, 10),
  });
  const preview: KickoffPreview = { ...facts, key };
  const message = previewInWords(preview);
  return { workflowId: facts.workflowId, started: false, message, preview };
}

function isDryRun(input: DispatchInput | null | undefined): boolean {
  return typeof input === 'object' && input !== null && input.dryRun === true;
}

/** For a line in the UI; whatever does not look like an id is left out. */
function dealNamedIn(input: DispatchInput | null | undefined): string {
  if (typeof input !== 'object' || input === null) return 'none named';
  const { dealId, deal } = input;
  const id: unknown = dealId ?? (typeof deal === 'object' && deal !== null && 'id' in deal ? deal.id : undefined);
  return /^[\w.-]{1,64}$/.test(String(id ?? '')) ? String(id) : 'none named';
}

function inWords(error: unknown): string {
  if (error instanceof ActivityFailure && error.cause instanceof TimeoutFailure) {
    const last = error.cause.cause;
    const why = last === undefined ? '' : ` The last reason: ${last.message}`;
    return `It could not be done in time, because something it needs did not answer; try again.${why}`;
  }
  return sentenceOf(error);
}

function typeOf(error: unknown): string {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  return (failure instanceof ApplicationFailure ? failure.type : undefined) ?? 'DispatchFailed';
}
