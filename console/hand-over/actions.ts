import { type Client, WithStartWorkflowOperation } from '@temporalio/client';
import { activeSkipupMembers } from '../../database/index.ts';
import { handOverId } from '../../temporal/index.ts';
import {
  type HandOverInput,
  type HandOverResult,
  handOver,
  handOverStatus,
  KICKOFF_TASK_QUEUE,
  WORKFLOW_TYPES,
} from '../../workflows/messages.ts';
import { type Action, Invalid, type Posted, Refused } from '../action/action.ts';
import { inputField } from '../action/field.ts';
import { textIn } from '../action/posted.ts';
import type { ConsoleContext } from '../context.ts';
import { html } from '../page/html.ts';
import { isolated, workflowLink } from '../page/link.ts';
import { askWorkflow } from '../temporal/ask.ts';
import { lookUp } from '../temporal/look.ts';
import { refusal, tellWorkflow } from '../temporal/tell.ts';

export const HAND_OVER_TO = { name: 'handOver.to', label: 'Hand over' } as const;
export const HAND_OVER_ASK = { name: 'handOver.ask', label: 'Ask the manager for a name' } as const;
export const HAND_OVERS_PATH = '/hand-overs';

const EMAIL = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;
const LONGEST = 254;
const PROPOSALS = 200;
/** SkipUp is told of each kickoff. */
const PATIENCE_MS = 40_000;

type HandOverWorkflow = (input: HandOverInput) => Promise<HandOverResult>;

/** Shape alone: whether somebody has the address is SkipUp's to say. */
export function isAddress(text: string): boolean {
  return text.length <= LONGEST && EMAIL.test(text);
}

/** What somebody organizes goes to somebody else. `on` is the workflow's id, which the address gives. */
export function handOverActions({ client, database }: ConsoleContext): Action[] {
  const hidden = (email: string) => email !== '' && html`<input type="hidden" name="email" value="${email}">\n`;
  return [
    {
      ...HAND_OVER_TO,
      reason: 'required',
      async prepare(on, posted) {
        const email = emailIn(on, posted);
        if (!on.startsWith('hand-over:') || email === undefined) return undefined;
        const asked = await askWorkflow(client, on, handOverStatus);
        const open = 'answer' in asked ? asked.answer.open : [];
        // One that has not begun is begun with the name.
        const impossible = email === '' && 'silent' in asked ? asked.silent : undefined;
        const choices = await activeSkipupMembers(database.db, PROPOSALS);
        return {
          title: email || ('answer' in asked ? asked.answer.email : on),
          about: html`<p>Every kickoff and recovery that they organize and that is not booked gets another organizer, and SkipUp is told.</p>
${open.length > 0 && html`<ul>\n${open.map(({ workflowId, account }) => html`<li>${workflowLink(workflowId)} ${isolated(account)}</li>\n`)}</ul>`}`,
          back: HAND_OVERS_PATH,
          fields: (faults) =>
            html`${hidden(email)}${inputField({
              name: 'to',
              type: 'email',
              label: 'To whom',
              hint: 'An active member of the SkipUp workspace.',
              value: textIn(posted, 'to'),
              required: true,
              maxLength: LONGEST,
              choices,
              faults,
            })}`,
          ...(impossible !== undefined && { impossible }),
        };
      },
      async perform(on, posted, { attempt, reason }) {
        const email = emailIn(on, posted);
        if (email === undefined) throw new Refused('The form is not whole: look first whom it is about.');
        const to = textIn(posted, 'to').toLowerCase();
        if (!isAddress(to)) throw new Invalid({ to: 'Give the e-mail address of an active SkipUp member.' });
        if (to === email) throw new Invalid({ to: 'That is the same person.' });
        if (email === '') return await tellWorkflow(client, on, handOver.name, { to, reason }, attempt);
        return await give(client, { email, reason }, to, attempt);
      },
    },
    {
      ...HAND_OVER_ASK,
      reason: 'required',
      async prepare(on, posted) {
        const email = emailIn(on, posted);
        if (email === undefined || email === '') return undefined;
        return {
          title: email,
          about:
            'Their manager is written to and asked for a name, and reminded until there is one. It is shown here meanwhile.',
          back: HAND_OVERS_PATH,
          fields: hidden(email),
        };
      },
      async perform(on, posted, { reason }) {
        const email = emailIn(on, posted);
        if (email === undefined || email === '') throw new Refused('Say first whom it is about.');
        const begun = await lookUp(client, async () => {
          await client.workflow.start<HandOverWorkflow>(WORKFLOW_TYPES.handOver, startOptions({ email, reason }));
          return true;
        });
        if ('silent' in begun) throw new Refused(`${begun.silent} Nothing was begun.`);
        return `It is looked what ${email} organizes, and their manager is asked for a name.`;
      },
    },
  ];
}

/** @returns empty when none was given; undefined when it is not the one that `on` stands for */
function emailIn(on: string, posted: Posted): string | undefined {
  const email = textIn(posted, 'email').toLowerCase();
  if (email === '') return '';
  return isAddress(email) && handOverId(email) === on ? email : undefined;
}

async function give(client: Client, input: HandOverInput, to: string, attempt: string): Promise<string> {
  const startWorkflowOperation = new WithStartWorkflowOperation<HandOverWorkflow>(
    WORKFLOW_TYPES.handOver,
    startOptions(input),
  );
  try {
    return await client.connection.withDeadline(
      Date.now() + PATIENCE_MS,
      async () =>
        await client.workflow.executeUpdateWithStart(handOver, {
          startWorkflowOperation,
          updateId: attempt,
          args: [{ to, reason: input.reason }],
        }),
    );
  } catch (error) {
    throw refusal(error) ?? error;
  }
}

function startOptions(input: HandOverInput) {
  return {
    workflowId: handOverId(input.email),
    taskQueue: KICKOFF_TASK_QUEUE,
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    staticSummary: 'Hands over what somebody organizes',
    args: [input] as [HandOverInput],
  };
}
