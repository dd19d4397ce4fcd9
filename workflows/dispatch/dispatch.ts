import { dispatching } from '../activities.ts';
import type { DispatchInput, DispatchResult } from '../messages.ts';

/**
 * Starts a kickoff by hand: from the Temporal UI, from the command line, from a Schedule. It exists because those give a
 * workflow an id of their own, and a kickoff must run under its deal's.
 *
 * @param input a deal's id, `{"dealId": "5012345678"}`, or a whole deal, `{"deal": {…}}`
 * @throws fails at once with every fault of the input by field
 */
export async function dispatchKickoff(input: DispatchInput): Promise<DispatchResult> {
  return await dispatching.startKickoff(input);
}
