/** What a person does to kickoffs from the command line: start one, look at it, tell it something. */
import {
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import {
  type DispatchResult,
  KICKOFF_TASK_QUEUE,
  type KickoffStatus,
  kickoffWorkflowId,
  status as statusQuery,
  WORKFLOW_TYPES,
} from '../../workflows/messages.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError } from '../errors.ts';
import { withTemporal } from '../with-temporal.ts';

export interface DealOptions {
  config?: string;
  deal: string;
  workstream?: string;
}

/** Starts the deal's kickoff, or joins the one that runs. */
export async function dispatch(context: CommandContext, options: DealOptions): Promise<void> {
  await withTemporal(context, options, async ({ client }) => {
    const input = { dealId: options.deal, ...(options.workstream && { workstream: options.workstream }) };
    try {
      const result: DispatchResult = await client.workflow.execute(WORKFLOW_TYPES.dispatch, {
        workflowId: `dispatch:${options.deal}:${crypto.randomUUID()}`,
        taskQueue: KICKOFF_TASK_QUEUE,
        args: [{ ...input, requestedBy: 'command line' }],
        workflowExecutionTimeout: '2 minutes',
      });
      context.output.emit(
        { type: 'dispatched', ...result },
        [result.message, result.workflowId, result.url].filter(Boolean).join('\n'),
      );
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      throw new CliError(sentenceIn(error), { cause: error });
    }
  });
}

/** How a kickoff stands. */
export async function status(context: CommandContext, options: DealOptions): Promise<void> {
  await withTemporal(context, options, async ({ client }) => {
    const workflowId = kickoffWorkflowId(options.deal, options.workstream);
    const known: KickoffStatus = await found(options, () => client.workflow.getHandle(workflowId).query(statusQuery));
    context.output.emit(
      { type: 'status', ...known },
      [
        `${known.account}: ${known.phase}`,
        `waits for ${known.waitingFor}`,
        ...known.needs.map((need) => `needs: ${need}`),
        ...(known.request
          ? [`request ${known.request.id ?? 'not yet known'} (${known.request.status}) under ${known.request.key}`]
          : []),
        ...known.participants.map(
          (person) => `  ${person.name ?? person.email} · ${person.roles.join(', ') || 'no role'}`,
        ),
        ...known.steps.map(
          (step) => `  step ${step.id}: ${step.state}${step.detail === undefined ? '' : ` · ${step.detail}`}`,
        ),
      ].join('\n'),
    );
  });
}

/** Sends an update and prints its answer. */
export async function tellKickoff(
  context: CommandContext,
  options: DealOptions,
  update: { name: string; send: (handle: WorkflowHandle) => Promise<string> },
): Promise<void> {
  await withTemporal(context, options, async ({ client }) => {
    const handle = client.workflow.getHandle(kickoffWorkflowId(options.deal, options.workstream));
    const answer = await found(options, async () => {
      try {
        return await update.send(handle);
      } catch (error) {
        if (error instanceof WorkflowUpdateFailedError) throw new CliError(sentenceIn(error), { cause: error });
        throw error;
      }
    });
    context.output.emit({ type: 'answer', update: update.name, answer }, answer);
  });
}

async function found<T>(options: DealOptions, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new CliError(
      `Deal ${options.deal} has no kickoff that runs here. Start one: kickoff dispatch --deal ${options.deal}`,
      { cause: error },
    );
  }
}

/** The innermost sentence that was written for a person. */
function sentenceIn(error: Error): string {
  let sentence = error.message;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure) sentence = cause.message;
  }
  return sentence;
}
