/** Everything that one person organizes gets another organizer: who is told, the wait for a name, the hand-over itself. */
import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { OrganizedMeeting } from '../../activities/contract.ts';
import { handingOver, sentenceOf } from '../activities.ts';
import * as messages from '../messages.ts';
import { describe, details } from './describe.ts';
import { answerTo, inputProblems, problemsOf } from './problems.ts';
import { type HandOverState, isHandable, stillOpen } from './state.ts';

/** Left out of the input: so often is the manager reminded, in days. */
const REMIND_AFTER_DAYS = 2;
const DAY_MS = 86_400_000;
/** So many are handed over by one activity: what is done shows, and a crash repeats no more. */
const AT_ONCE = 20;

interface Asked {
  command: messages.HandOverCommand;
  answer: (sentence: string) => void;
  refuse: (error: Error) => void;
}

/**
 * Hands over every kickoff and recovery that somebody organizes. Runs under `handOverWorkflowId(digest of the address)`, and
 * ends when nothing is left that could be handed over.
 *
 * @throws ApplicationFailure when the input is wrong: with what is wrong and a right example
 */
export async function handOver(input: messages.HandOverInput): Promise<messages.HandOverResult> {
  const problems = inputProblems(input);
  if (problems.length > 0) throw ApplicationFailure.nonRetryable(problems.join(' '), 'HandOverInput');
  const email = input.email.trim().toLowerCase();
  let state: HandOverState = { email, reason: input.reason, meetings: [], done: [], isListed: false };
  const queue: Asked[] = [];
  const apply = (changes: Partial<HandOverState>) => {
    state = { ...state, ...changes };
    setCurrentDetails(details(describe(state), state));
  };
  setHandler(messages.handOverStatus, () => describe(state));
  setHandler(
    messages.handOver,
    (command) => new Promise<string>((answer, refuse) => queue.push({ command, answer, refuse })),
    {
      validator: (command) => {
        const wrong = problemsOf(command, email);
        if (wrong.length > 0) throw ApplicationFailure.nonRetryable(wrong.join(' '), 'CommandRefused');
      },
    },
  );
  if (input.to !== undefined && input.dryRun !== true) queue.push(byInput(input.to, input.reason));

  const list = async (): Promise<OrganizedMeeting[]> => {
    const meetings = await handingOver.listOrganized({ email });
    apply({ meetings, isListed: true });
    return meetings;
  };

  /** Names the new organizer everywhere; what cannot be done now is said and stays. */
  const giveTo = async ({ to: given, reason }: messages.HandOverCommand): Promise<string> => {
    const to = given.trim().toLowerCase();
    const open = stillOpen({ ...state, meetings: await list() }).filter(isHandable);
    const results: messages.HandOverStatus['done'] = [];
    for (let at = 0; at < open.length; at += AT_ONCE) {
      const workflowIds = open.slice(at, at + AT_ONCE).map(({ workflowId }) => workflowId);
      const some = await handingOver.handOver({ workflowIds, to });
      results.push(...some);
      const ids = new Set(some.map(({ workflowId }) => workflowId));
      apply({ done: [...state.done.filter(({ workflowId }) => !ids.has(workflowId)), ...some], to, reason });
    }
    return answerTo(to, results);
  };

  const carryOut = async ({ command, answer, refuse }: Asked): Promise<void> => {
    try {
      answer(await giveTo(command));
    } catch (error) {
      apply({ trouble: sentenceOf(error) });
      refuse(ApplicationFailure.nonRetryable(sentenceOf(error), 'CommandRefused'));
    }
  };

  const carryOutAll = async (): Promise<void> => {
    for (let asked = queue.shift(); asked !== undefined; asked = queue.shift()) await carryOut(asked);
  };

  /** Beside everything else: a mail server that is down keeps no hand-over waiting. */
  let isTelling = false;
  const tellManager = async (): Promise<void> => {
    if (isTelling) return;
    isTelling = true;
    apply({ told: await tell(state) });
    isTelling = false;
  };

  const remindAfterMs = (input.remindAfterDays ?? REMIND_AFTER_DAYS) * DAY_MS;
  let isDue = true;
  for (;;) {
    await carryOutAll();
    await list();
    if (input.dryRun === true || !stillOpen(state).some(isHandable)) break;
    // Whoever brings a name with them is not told what they know.
    if (isDue && queue.length === 0) void tellManager();
    isDue = !(await condition(() => queue.length > 0, remindAfterMs));
  }
  // Whoever asks while the last answer is given gets one, too.
  do {
    await carryOutAll();
    await condition(() => allHandlersFinished() || queue.length > 0);
  } while (queue.length > 0);
  return { email, open: describe(state).open, done: state.done };

  function byInput(to: string, reason: string): Asked {
    return { command: { to, reason }, answer: () => undefined, refuse: () => undefined };
  }
}

/** The manager's mail, or why there is none: nobody's kickoff waits for it. */
async function tell(state: HandOverState): Promise<string> {
  try {
    return await handingOver.tellManager({ email: state.email, meetings: stillOpen(state) });
  } catch (error) {
    return `The manager could not be told: ${sentenceOf(error)}`;
  }
}
