/** Starts a kickoff by hand, after having shown whom it would invite. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Client, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import {
  type DispatchInput,
  type DispatchResult,
  KICKOFF_TASK_QUEUE,
  type KickoffPreview,
  WORKFLOW_TYPES,
} from '../../workflows/messages.ts';
import { answeredByWorker } from '../answered-by-worker.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError, EXIT } from '../errors.ts';
import { peopleText } from '../people-text.ts';
import { inMinutes, printable } from '../printable.ts';
import { withTemporal } from '../with-temporal.ts';

export interface DispatchOptions {
  config?: string;
  /** The deal's id in the CRM. */
  deal?: string;
  /** A whole deal as JSON; `-` is standard input. */
  dealFile?: string;
  crm?: string;
  workstream?: string;
  dryRun?: boolean;
}

/** A worker that is there answers in seconds; a CRM that is slow takes longer. */
const TIMEOUT = '2 minutes';

/** Shows what the deal's kickoff would be; then, unless it is only a rehearsal, starts it or joins the one that runs. */
export async function dispatch(context: CommandContext, options: DispatchOptions): Promise<void> {
  const input = inputOf(context, options);
  await withTemporal(context, options, async ({ client }) => {
    const { preview, ...rehearsal } = await execute(client, { ...input, dryRun: true });
    const shown = preview === undefined ? '' : previewText(preview);
    if (options.dryRun === true) {
      context.output.emit({ type: 'preview', ...rehearsal, preview }, `${shown}\n\n${printable(rehearsal.message)}`);
      return;
    }
    context.signal.throwIfAborted();
    if (!context.output.json) context.output.emit({ type: 'preview' }, `${shown}\n`);
    const result = await execute(client, input);
    context.output.emit(
      { type: 'dispatched', ...result, preview },
      [result.message, result.workflowId, result.url ?? ''].filter(Boolean).map(printable).join('\n'),
    );
  });
}

function inputOf(context: CommandContext, options: DispatchOptions): DispatchInput {
  const { deal, dealFile, crm, workstream } = options;
  if ((deal === undefined) === (dealFile === undefined)) {
    throw new CliError('Name the deal: either --deal <id> or --deal-file <file>.', { exitCode: EXIT.usage });
  }
  return {
    ...(deal === undefined ? wholeDeal(context, dealFile ?? '-') : { dealId: deal }),
    ...(crm === undefined ? {} : { crm }),
    ...(workstream === undefined ? {} : { workstream }),
    requestedBy: 'command line',
  };
}

/** The file holds a deal, or the input that the Temporal UI takes, `{"deal": {…}}`. */
function wholeDeal({ cwd }: CommandContext, file: string): DispatchInput {
  const name = file === '-' ? 'standard input' : file;
  let value: unknown;
  try {
    // File descriptor 0 is standard input.
    value = JSON.parse(readFileSync(file === '-' ? 0 : resolve(cwd, file), 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(`The deal could not be read from ${name}: ${why}`, { exitCode: EXIT.usage, cause: error });
  }
  return typeof value === 'object' && value !== null && 'deal' in value ? { ...value } : { deal: value };
}

/** @throws CliError with the sentence that the dispatch has failed with */
async function execute(client: Client, input: DispatchInput): Promise<DispatchResult> {
  const deal = (input.dealId ?? 'whole').slice(0, 128);
  try {
    return await answeredByWorker(client, 'the dispatch', () =>
      client.workflow.execute(WORKFLOW_TYPES.dispatch, {
        workflowId: `dispatch:${deal}:${crypto.randomUUID()}`,
        taskQueue: KICKOFF_TASK_QUEUE,
        args: [input],
        workflowExecutionTimeout: TIMEOUT,
        staticSummary: input.dryRun === true ? 'A rehearsal by hand' : 'Started by hand',
        staticDetails: 'From the command line.',
        priority: { priorityKey: 2 },
      }),
    );
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const wrong = error.cause instanceof ApplicationFailure && error.cause.type === 'DispatchInput';
    throw new CliError(error.cause?.message ?? error.message, {
      cause: error,
      exitCode: wrong ? EXIT.usage : EXIT.failed,
    });
  }
}

function previewText(preview: KickoffPreview): string {
  const { deal, key, title, rules, timeframe, existing } = preview;
  const stage = deal.stage === undefined ? '' : `, at stage ${deal.stage}`;
  return [
    `${printable(deal.name)} (${printable(deal.account)}), deal ${printable(deal.id)}, ${deal.isWon ? 'won' : 'not won'}${printable(stage)}`,
    ...(existing === undefined ? [] : [`Kickoff so far: ${existing.phase}, revision ${existing.revision}`]),
    `Key: ${printable(existing?.fellThrough === false ? (existing.key ?? key) : key)}`,
    `Title: ${printable(title)}`,
    ...(rules === undefined ? [] : [printable(rules)]),
    `Window: ${inMinutes(timeframe.start)} to ${inMinutes(timeframe.end)}`,
    peopleText(preview),
  ].join('\n');
}
