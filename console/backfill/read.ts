import { Buffer } from 'node:buffer';
import { type Client, isGrpcServiceError, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { tsToDate } from '@temporalio/common/lib/time.js';
import { listSchedules, type ScheduleView } from '../../temporal/index.ts';
import { type BackfillInput, type BackfillProgress, progress, WORKFLOW_TYPES } from '../../workflows/messages.ts';
import { BadAddress } from '../page/address.ts';
import { type Asked, askWorkflow } from '../temporal/ask.ts';
import { lookUp } from '../temporal/look.ts';

/** One run of a backfill, and how it stands or stood. */
export interface BackfillRun {
  workflowId: string;
  runId: string;
  startedAt: Date;
  /** Undefined while it runs. */
  closedAt?: Date | undefined;
  /** How far it got; or why that is not known. A run that failed has no progress, and says why. */
  progress: Asked<BackfillProgress> | { failed: string };
}

export interface BackfillPage {
  runs: BackfillRun[];
  /** For the next page's address. */
  next?: string | undefined;
}

/** Each run that is shown is asked how it stands. */
const PAGE_SIZE = 15;
/** `WorkflowExecutionStatus`. */
const RUNNING = 1;
/** gRPC's code; the SDK does not export them. */
const INVALID_ARGUMENT = 3;
/** Visibility has each run of a long backfill; only the last of them says how it stands. */
const QUERY = `WorkflowType = '${WORKFLOW_TYPES.backfill}' AND ExecutionStatus != 'ContinuedAsNew'`;

/**
 * Backfills, those that run first, then by when they ended, from Temporal's visibility: it keeps them as long as its
 * retention says.
 *
 * @param token the page before's `next`
 * @throws {BadAddress} when the token is none of Temporal's
 */
export async function listBackfills(client: Client, token: string | undefined): Promise<Asked<BackfillPage>> {
  const nextPageToken = tokenIn(token);
  const listed = await lookUp(client, async () => {
    const { namespace } = client.options;
    try {
      return await client.workflowService.listWorkflowExecutions({
        namespace,
        query: QUERY,
        pageSize: PAGE_SIZE,
        nextPageToken,
      });
    } catch (error) {
      if (isGrpcServiceError(error) && error.code === INVALID_ARGUMENT && nextPageToken !== null) throw noPage();
      throw error;
    }
  });
  if ('silent' in listed) return listed;
  const { executions, nextPageToken: next } = listed.answer;
  const runs = executions.flatMap(({ execution, startTime, closeTime, status }) => {
    const { workflowId, runId } = execution ?? {};
    if (!workflowId || !runId || startTime == null) return [];
    const closedAt = status === RUNNING || closeTime == null ? undefined : tsToDate(closeTime);
    return [{ workflowId, runId, startedAt: tsToDate(startTime), closedAt }];
  });
  return {
    answer: {
      runs: await Promise.all(runs.map(async (run) => ({ ...run, progress: await progressOf(client, run) }))),
      next: next.length === 0 ? undefined : Buffer.from(next).toString('base64url'),
    },
  };
}

/** @param runId left out: the newest run. @returns undefined when Temporal knows no such backfill */
export async function readBackfill(
  client: Client,
  workflowId: string,
  runId: string | undefined,
): Promise<Asked<BackfillRun | undefined>> {
  const found = await lookUp(client, async () => {
    try {
      return await client.workflow.getHandle(workflowId, runId).describe();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  });
  if ('silent' in found) return found;
  const description = found.answer;
  if (description === undefined || description.type !== WORKFLOW_TYPES.backfill) return { answer: undefined };
  const run = {
    workflowId,
    runId: description.runId,
    startedAt: description.startTime,
    closedAt: description.status.name === 'RUNNING' ? undefined : description.closeTime,
  };
  return { answer: { ...run, progress: await progressOf(client, run) } };
}

/** The backfills that the configuration starts by the clock. */
export async function scheduledBackfills(client: Client): Promise<Asked<ScheduleView[]>> {
  return await lookUp(client, async () =>
    (await listSchedules(client)).filter(({ workflowType }) => workflowType === WORKFLOW_TYPES.backfill),
  );
}

async function progressOf(
  client: Client,
  { workflowId, runId, closedAt }: Omit<BackfillRun, 'progress'>,
): Promise<BackfillRun['progress']> {
  if (closedAt === undefined) return await askWorkflow(client, workflowId, progress);
  try {
    const handle = client.workflow.getHandle<(input: BackfillInput) => Promise<BackfillProgress>>(workflowId, runId, {
      followRuns: false,
    });
    return await lookUp(client, async () => await handle.result());
  } catch (error) {
    if (error instanceof WorkflowFailedError) return { failed: sentenceOf(error) };
    if (error instanceof WorkflowNotFoundError) return { silent: 'Temporal does not know it any more.' };
    throw error;
  }
}

/** The innermost sentence that was written for a person. */
export function sentenceOf(error: WorkflowFailedError): string {
  let sentence = error.cause?.message ?? error.message;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure) sentence = cause.message;
  }
  return sentence;
}

const LONGEST_TOKEN = 2_000;

function noPage(): BadAddress {
  return new BadAddress('The address names no page of the list: begin at its first page.');
}

function tokenIn(text: string | undefined): Buffer | null {
  if (text === undefined || text === '') return null;
  if (text.length > LONGEST_TOKEN || !/^[\w-]+$/.test(text)) throw noPage();
  return Buffer.from(text, 'base64url');
}
