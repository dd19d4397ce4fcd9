/** Kickoffs for historical deals, recoveries for leads: start, watch, and steer a backfill. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import {
  type BackfillInput,
  type BackfillProgress,
  cancel,
  changeRate,
  KICKOFF_TASK_QUEUE,
  pause,
  progress as progressQuery,
  resume,
  WORKFLOW_TYPES,
} from '../../workflows/messages.ts';
import { type BackfillDisplay, backfillDisplay, countsOf } from '../backfill-display.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError, EXIT } from '../errors.ts';
import { withTemporal } from '../with-temporal.ts';

export interface BackfillOptions {
  config?: string;
  crm?: BackfillInput['crm'];
  closedAfter?: string;
  closedBefore?: string;
  /** Leads in the place of deals. */
  leads?: boolean;
  submittedAfter?: string;
  submittedBefore?: string;
  pipeline?: string[];
  limit?: number;
  rate?: number;
  dryRun?: boolean;
  detach?: boolean;
}

/** Which backfill: by its workflow id, or the only one that runs. */
export interface WhichBackfill {
  config?: string;
  id?: string;
}

const LOOK_EVERY_MS = 1_000;
/** What the command shows of a list; the workflow keeps 200. */
const SHOWN = 20;

/** Starts a backfill, or joins the one over the same window that runs, and shows how it gets on. */
export async function backfill(context: CommandContext, options: BackfillOptions): Promise<void> {
  const { pipeline, limit, rate, dryRun, detach } = options;
  const window = windowOf(options);
  await withTemporal(context, options, async ({ client }) => {
    const { handle, joined } = await startOrJoin(client, {
      ...window,
      ...(pipeline !== undefined && { pipelines: pipeline }),
      ...(limit !== undefined && { limit }),
      ...(rate !== undefined && { perMinute: rate }),
      ...(dryRun === true && { dryRun }),
      requestedBy: 'command line',
    });
    const id = handle.workflowId;
    const text = joined ? `${id} runs already; this is how it gets on.` : `${id} has started.`;
    context.output.emit({ type: 'backfill', id, joined }, text);
    if (detach === true) {
      context.output.emit({ type: 'detached', id }, `Look at it: kickoff backfill status --id ${id}`);
      return;
    }
    report(context, await followed(context, handle));
  });
}

/** What is asked for, and of which days. @throws CliError for what is missing, or belongs to the other kind */
function windowOf(options: BackfillOptions): BackfillInput {
  const { crm, leads = false, closedAfter, closedBefore, submittedAfter, submittedBefore } = options;
  const [after, before] = leads ? [submittedAfter, submittedBefore] : [closedAfter, closedBefore];
  const strangers = leads
    ? { '--closed-after': closedAfter, '--closed-before': closedBefore, '--pipeline': options.pipeline }
    : { '--submitted-after': submittedAfter, '--submitted-before': submittedBefore };
  const strange = Object.entries(strangers).flatMap(([flag, value]) => (value === undefined ? [] : [flag]));
  if (strange.length > 0) {
    const hint = leads ? 'of leads the window is --submitted-after and --submitted-before' : 'it is for --leads';
    throw new CliError(`${strange.join(' and ')} does not fit: ${hint}.`, { exitCode: EXIT.usage });
  }
  const afterFlag = leads ? '--submitted-after' : '--closed-after';
  if (crm === undefined || after === undefined) {
    const missing = [...(crm === undefined ? ['--crm'] : []), ...(after === undefined ? [afterFlag] : [])];
    const example = `kickoff backfill ${leads ? '--leads ' : ''}--crm hubspot ${afterFlag} 2026-01-01 --dry-run`;
    throw new CliError(`${missing.join(' and ')} must be given, for example: ${example}`, { exitCode: EXIT.usage });
  }
  return leads
    ? { of: 'leads', crm, submittedAfter: after, ...(before !== undefined && { submittedBefore: before }) }
    : { crm, closedAfter: after, ...(before !== undefined && { closedBefore: before }) };
}

/** How a backfill stands; one that has ended too, when its id is given. */
export async function backfillStatus(context: CommandContext, options: WhichBackfill): Promise<void> {
  await withTemporal(context, options, async ({ client }) => {
    const handle = await chosen(client, options);
    const progress = await known(handle, () => handle.query(progressQuery));
    context.output.emit({ type: 'status', id: handle.workflowId, ...progress }, linesOf(handle.workflowId, progress));
  });
}

export type BackfillUpdate =
  | { name: 'pause' | 'resume' }
  | { name: 'cancel'; reason: string }
  | { name: 'rate'; perMinute: number };

/** Sends an update to a backfill and prints its answer. */
export async function tellBackfill(
  context: CommandContext,
  options: WhichBackfill,
  update: BackfillUpdate,
): Promise<void> {
  await withTemporal(context, options, async ({ client }) => {
    const handle = await chosen(client, options);
    const answer = await known(handle, () => sent(handle, update));
    context.output.emit({ type: 'answer', id: handle.workflowId, update: update.name, answer }, answer);
  });
}

async function sent(handle: WorkflowHandle, update: BackfillUpdate): Promise<string> {
  switch (update.name) {
    case 'pause':
      return await handle.executeUpdate(pause);
    case 'resume':
      return await handle.executeUpdate(resume);
    case 'cancel':
      return await handle.executeUpdate(cancel, { args: [{ reason: update.reason }] });
    case 'rate':
      return await handle.executeUpdate(changeRate, { args: [{ perMinute: update.perMinute }] });
  }
}

type Handle = WorkflowHandle<(input: BackfillInput) => Promise<BackfillProgress>>;

async function startOrJoin(client: Client, input: BackfillInput): Promise<{ handle: Handle; joined: boolean }> {
  const { of, crm, dryRun } = input;
  const isOfLeads = of === 'leads';
  const { after = '', before = 'now' } = isOfLeads
    ? { after: input.submittedAfter, before: input.submittedBefore }
    : { after: input.closedAfter, before: input.closedBefore };
  const about = [...(isOfLeads ? [of] : []), crm, after, before, ...(dryRun === true ? ['dry-run'] : [])];
  const workflowId = ['backfill', ...about].join(':');
  try {
    const handle = await client.workflow.start<(input: BackfillInput) => Promise<BackfillProgress>>(
      WORKFLOW_TYPES.backfill,
      {
        workflowId,
        taskQueue: KICKOFF_TASK_QUEUE,
        args: [input],
        workflowIdConflictPolicy: 'FAIL',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        staticSummary: `Backfill: ${crm}, ${isOfLeads ? 'forms filled in' : 'closed'} from ${after}${dryRun === true ? ', dry run' : ''}`,
      },
    );
    return { handle, joined: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return { handle: client.workflow.getHandle(workflowId), joined: true };
  }
}

/** Shows how it gets on until it has ended. An interruption ends the showing alone. */
async function followed(context: CommandContext, handle: Handle): Promise<BackfillProgress> {
  const { output, signal } = context;
  const ended = new AbortController();
  const display = backfillDisplay(output);
  const result = handle.result().finally(() => ended.abort());
  try {
    await Promise.race([shown(handle, display, AbortSignal.any([signal, ended.signal])), result]);
    if (signal.aborted) throw signal.reason;
    return await result;
  } catch (error) {
    if (!signal.aborted) throw failureOf(error);
    result.catch(() => undefined);
    display.stop();
    const id = handle.workflowId;
    output.emit(
      { type: 'detached', id },
      `The backfill goes on. Look at it: kickoff backfill status --id ${id}\nEnd it: kickoff backfill cancel --reason <why> --id ${id}`,
    );
    throw error;
  } finally {
    display.stop();
  }
}

async function shown(handle: Handle, display: BackfillDisplay, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // A query needs a worker: without one, or while a backfill ends, there is nothing to show yet.
    const progress = await handle.query(progressQuery).catch(() => undefined);
    if (signal.aborted) return;
    if (progress === undefined) display.silent();
    else display.show(progress);
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** @throws CliError when deals failed, or when it was cancelled */
function report({ output }: CommandContext, progress: BackfillProgress): void {
  const { state, plan, failed, failures, wouldStart } = progress;
  const one = oneOf(progress);
  const lines = [
    countsOf(progress),
    ...Object.entries(progress.skipped).map(([reason, count]) => `  skipped, ${reason}: ${count}`),
    ...(plan?.dryRun === true ? wouldStart : [])
      .slice(0, SHOWN)
      .map(({ dealId, name = '', closedAt = '' }) => `  would start ${dealId}  ${closedAt.slice(0, 10)}  ${name}`),
    ...failures.slice(0, SHOWN).map(({ dealId, reason }) => `  ${one} ${dealId} failed: ${reason}`),
    ...(failed > SHOWN ? [`  and ${failed - SHOWN} more failed`] : []),
  ];
  output.emit({ type: 'result', ...progress }, lines.join('\n'));
  if (state === 'cancelled')
    throw new CliError(`The backfill has ended: ${progress.waitingFor.replace('nothing: ', '')}.`);
  if (failed > 0) {
    const deals = failed === 1 ? `One ${one} has` : `${failed} ${one}s have`;
    const none = one === 'lead' ? 'no recovery' : 'no kickoff';
    throw new CliError(`${deals} got ${none}. Run the same again when that is mended: the others are left alone.`);
  }
}

function oneOf({ plan }: BackfillProgress): 'deal' | 'lead' {
  return plan?.of === 'leads' ? 'lead' : 'deal';
}

function linesOf(id: string, progress: BackfillProgress): string {
  return [
    `${id}: ${progress.state.replaceAll('_', ' ')}`,
    countsOf(progress),
    `waits for ${progress.waitingFor}`,
    ...Object.entries(progress.skipped).map(([reason, count]) => `  skipped, ${reason}: ${count}`),
    ...progress.failures
      .slice(0, SHOWN)
      .map(({ dealId, reason }) => `  ${oneOf(progress)} ${dealId} failed: ${reason}`),
  ].join('\n');
}

/** @throws CliError when none runs, or when several do */
async function chosen(client: Client, { id }: WhichBackfill): Promise<WorkflowHandle> {
  if (id !== undefined) return client.workflow.getHandle(id);
  const running: string[] = [];
  const query = `WorkflowType = '${WORKFLOW_TYPES.backfill}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId } of client.workflow.list({ query })) running.push(workflowId);
  const [only, ...others] = running;
  if (only === undefined) throw new CliError('No backfill runs here. One that has ended is named with --id.');
  if (others.length === 0) return client.workflow.getHandle(only);
  throw new CliError(`Several backfills run; say which one with --id: ${running.join(', ')}`, { exitCode: EXIT.usage });
}

async function known<T>({ workflowId }: WorkflowHandle, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      throw new CliError(`There is no backfill ${workflowId} that runs here.`, { cause: error });
    }
    throw failureOf(error);
  }
}

/** What failed, in the sentence that was written for a person; what was asked wrongly has the exit code for it. */
function failureOf(error: unknown): unknown {
  if (!(error instanceof WorkflowFailedError || error instanceof WorkflowUpdateFailedError)) return error;
  let innermost: ApplicationFailure | undefined;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure) innermost = cause;
  }
  const exitCode = innermost?.type === 'BackfillInput' ? EXIT.usage : EXIT.failed;
  return new CliError(innermost?.message ?? error.message, { exitCode, cause: error });
}
