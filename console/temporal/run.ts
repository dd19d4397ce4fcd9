import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Client,
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
} from '@temporalio/client';
import { ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import { attendanceOf } from '../../temporal/index.ts';
import { KICKOFF_TASK_QUEUE } from '../../workflows/messages.ts';

/** A short workflow that a person waits for. */
export interface RunOptions {
  type: string;
  /** One that runs or ran under this id is joined, so that a form sent twice does its thing once. */
  workflowId: string;
  args: unknown[];
  /** For people who look at it in the Temporal UI. */
  summary: string;
  /** How long it is waited for. It ends by itself soon after. */
  patienceMs: number;
}

/** What it returned; the sentence with which it failed; or why nobody answered. */
export type Ran<T> = { answer: T } | { failed: string; type?: string } | { silent: string };

const NO_WORKER = 'No worker answers: start one with `kickoff worker`, and try again.';
const UNREACHABLE = 'Temporal cannot be reached.';
const TOO_LATE = 'There was no answer in time: the CRM is slow, the workers are busy, or Temporal cannot be reached.';
/** A worker that is there answers before this; then it is looked whether there is one. */
const LOOK_AFTER_MS = 2_000;

/** Runs a workflow and waits for what it returns, but not for longer than a page may take. */
export async function runWorkflow<T>(client: Client, options: RunOptions): Promise<Ran<T>> {
  const answered = new AbortController();
  const run = execute<T>(client, options);
  try {
    return await Promise.race([run, unattended(client, answered.signal)]);
  } finally {
    answered.abort();
  }
}

async function execute<T>(client: Client, options: RunOptions): Promise<Ran<T>> {
  const { type, workflowId, args, summary, patienceMs } = options;
  const { connection, workflow } = client;
  try {
    const answer = await connection.withDeadline(Date.now() + patienceMs, async () => {
      try {
        await workflow.start(type, {
          workflowId,
          args,
          taskQueue: KICKOFF_TASK_QUEUE,
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          workflowExecutionTimeout: patienceMs,
          staticSummary: summary,
          staticDetails: 'From the console.',
          priority: { priorityKey: 2 },
        });
      } catch (error) {
        // It has run already, and its result is still to be had.
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
      return await workflow.getHandle<() => Promise<T>>(workflowId).result();
    });
    return { answer };
  } catch (error) {
    return outcomeOf(error);
  }
}

function outcomeOf(error: unknown): { failed: string; type?: string } | { silent: string } {
  if (error instanceof WorkflowFailedError) {
    const { cause } = error;
    if (cause instanceof TimeoutFailure) return { silent: TOO_LATE };
    const type = cause instanceof ApplicationFailure ? cause.type : undefined;
    return { failed: cause?.message ?? error.message, ...(type == null ? {} : { type }) };
  }
  const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
  if (isGrpcServiceError(cause)) return { silent: TOO_LATE };
  throw error;
}

/** Ends as soon as it is certain that nobody asks for tasks; never otherwise. */
async function unattended(client: Client, signal: AbortSignal): Promise<{ silent: string }> {
  for (;;) {
    // What has been answered is waited for no more; nobody looks at how this ends then.
    await sleep(LOOK_AFTER_MS, undefined, { signal });
    const attendance = await attendanceOf(client, KICKOFF_TASK_QUEUE);
    if (attendance === 'unreachable') return { silent: UNREACHABLE };
    if (attendance === 'unattended') return { silent: NO_WORKER };
  }
}
