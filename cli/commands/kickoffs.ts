/** What a person does to kickoffs from the command line: look at one, tell it something. */
import { type Client, type WorkflowHandle, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { type KickoffStatus, kickoffWorkflowId, status as statusQuery } from '../../workflows/messages.ts';
import { answeredByWorker } from '../answered-by-worker.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError, EXIT } from '../errors.ts';
import { kickoffLine, kickoffText } from '../kickoff-text.ts';
import { type DealKickoff, kickoffsOfDeal } from '../kickoffs-of-deal.ts';
import { printable } from '../printable.ts';
import { withTemporal } from '../with-temporal.ts';

export interface DealOptions {
  config?: string;
  deal: string;
  /** Left out: the deal's only kickoff. Empty: the one without a name, where there are others. */
  workstream?: string;
}

/** How a kickoff stands; all of them in short, when the deal has several and none is named. */
export async function status(context: CommandContext, options: DealOptions): Promise<void> {
  await withTemporal(context, options, async ({ client }) => {
    const kickoffs = await meant(client, options, { onlyRunning: false });
    const known = await Promise.all(
      kickoffs.map(async (kickoff) => ({ kickoff, status: await statusOf(client, options, kickoff) })),
    );
    const [only, ...others] = known;
    if (only !== undefined && others.length === 0) {
      const { workstream } = only.kickoff;
      context.output.emit(
        { type: 'status', ...only.status },
        kickoffText(only.status, { deal: options.deal, workstream }),
      );
      return;
    }
    context.output.emit(
      { type: 'kickoffs', deal: options.deal, kickoffs: known.map((each) => each.status) },
      [
        `Deal ${options.deal} has ${known.length} kickoffs:`,
        ...known.map((each) => `  ${kickoffLine(each.status, each.kickoff.workstream)}`),
        `One of them: kickoff status --deal ${options.deal} --workstream <name>`,
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
    const [kickoff, ...others] = await meant(client, options, { onlyRunning: true });
    if (kickoff === undefined || others.length > 0) {
      const names = [kickoff, ...others].map((each) => each?.workstream || "''").join(', ');
      throw new CliError(
        `Deal ${options.deal} has several kickoffs that run. Say which with --workstream: ${names} ('' is the one without a name).`,
        { exitCode: EXIT.usage },
      );
    }
    const answer = await found(client, options, async () => {
      try {
        return await update.send(client.workflow.getHandle(kickoff.workflowId));
      } catch (error) {
        if (error instanceof WorkflowUpdateFailedError) throw new CliError(sentenceIn(error), { cause: error });
        throw error;
      }
    });
    context.output.emit(
      { type: 'answer', workflowId: kickoff.workflowId, update: update.name, answer },
      printable(answer),
    );
  });
}

/** The kickoff that was named, or all that there are to choose from; one at least. */
async function meant(
  client: Client,
  { deal, workstream }: DealOptions,
  which: { onlyRunning: boolean },
): Promise<DealKickoff[]> {
  if (workstream !== undefined) return [{ workflowId: kickoffWorkflowId(deal, workstream), workstream }];
  const listed = await kickoffsOfDeal(client, deal, which);
  return listed.length > 0 ? listed : [{ workflowId: kickoffWorkflowId(deal), workstream: '' }];
}

async function statusOf(client: Client, options: DealOptions, { workflowId }: DealKickoff): Promise<KickoffStatus> {
  return await found(client, options, () => client.workflow.getHandle(workflowId).query(statusQuery));
}

async function found<T>(client: Client, { deal, workstream }: DealOptions, call: () => Promise<T>): Promise<T> {
  try {
    return await answeredByWorker(client, 'the kickoff', call);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    const stream = workstream ? ` --workstream ${workstream}` : '';
    throw new CliError(
      `Deal ${deal} has no kickoff that runs here. Start one: kickoff dispatch --deal ${deal}${stream}`,
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
