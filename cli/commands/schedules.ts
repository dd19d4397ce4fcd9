/** What happens by the clock: Kickoff's Schedules in Temporal, made, shown and steered. */
import { DateTime } from 'luxon';
import * as temporal from '../../temporal/index.ts';
import type { CommandContext } from '../command-context.ts';
import { configOfStack } from '../config-of-stack.ts';
import { CliError } from '../errors.ts';
import { withTemporal } from '../with-temporal.ts';

interface ConfigOption {
  config?: string;
}

/** Makes Temporal's Schedules match the configuration: says what differs, does it, says what was done. */
export async function applySchedules(
  context: CommandContext,
  { prune = false, dryRun = false, ...options }: ConfigOption & { prune?: boolean; dryRun?: boolean },
): Promise<void> {
  const wanted = temporal.wantedSchedules(configOfStack(context, options));
  await withTemporal(context, options, async ({ client }) => {
    const plan = await temporal.readSchedulePlan(client, wanted);
    sayDifferences(context, plan, prune);
    const done = dryRun
      ? plan.map((one) => temporal.foretold(one, { prune }))
      : await temporal.applySchedulePlan(client, plan, { prune });
    for (const schedule of done) {
      context.output.emit(
        { type: 'schedule', ...schedule, ...(dryRun && { dryRun }) },
        dryRun ? undefined : DONE[schedule.action]?.(schedule.id),
      );
    }
    const problems = done.flatMap(({ problem }) => problem ?? []);
    if (problems.length > 0) throw new CliError(problems.join('\n'));
  });
}

const DONE: Partial<Record<temporal.AppliedSchedule['action'], (id: string) => string>> = {
  created: (id) => `✔ ${id} made`,
  updated: (id) => `✔ ${id} changed`,
  removed: (id) => `✔ ${id} removed`,
};

/** For people, before anything is done; programs read it in the documents. */
function sayDifferences({ output }: CommandContext, plan: readonly temporal.PlannedSchedule[], prune: boolean): void {
  if (output.json) return;
  const lines = plan.flatMap((one) => differenceLines(one, prune));
  if (plan.every(({ todo }) => todo === 'nothing')) lines.push('Nothing to change.');
  if (lines.length > 0) output.emit({ type: 'differences' }, lines.join('\n'));
}

function differenceLines(planned: temporal.PlannedSchedule, prune: boolean): string[] {
  const { id, todo, changes, wanted } = planned;
  const { byHand } = temporal.foretold(planned);
  const left = byHand.length === 0 || todo === 'remove' ? [] : [`· ${id} left as set by hand: ${byHand.join(', ')}`];
  switch (todo) {
    case 'create':
      return [`+ ${id} ${wanted?.definition.times ?? ''}`];
    case 'update':
      return [...changes.map((change) => `~ ${id} ${changeInWords(change)}`), ...left];
    case 'remove':
      return [`- ${id} no longer configured${prune ? '' : '; --prune removes it'}`];
    default:
      return left;
  }
}

function changeInWords({ field, before, after }: temporal.ScheduleChange): string {
  return `${field === 'times' ? '' : `${field} `}${before} → ${after}`;
}

/** Shows Kickoff's Schedules as they are. */
export async function listSchedules(context: CommandContext, options: ConfigOption): Promise<void> {
  const ids = temporal.wantedSchedules(configOfStack(context, options)).map(({ id }) => id);
  await withTemporal(context, options, async ({ client }) => {
    const views = await temporal.listSchedules(client, ids);
    if (views.length === 0) {
      context.output.emit({ type: 'none' }, 'There is no Schedule. Make what is configured: kickoff schedules apply');
    }
    for (const view of views) context.output.emit({ type: 'schedule', ...view }, linesOf(view).join('\n'));
  });
}

function linesOf({ id, purpose, times, isPaused, note, last, nextAt, running }: temporal.ScheduleView): string[] {
  const paused = isPaused ? ' · PAUSED' : '';
  const noted = note === undefined ? '' : ` (${note})`;
  const under = running > 0 ? ' · one is running' : '';
  return [
    `${id}  ${purpose}`,
    `  ${times}${paused}${noted}`,
    `  last ${lastInWords(last)} · next ${isPaused ? 'none while paused' : ago(nextAt)}${under}`,
    ...(last?.reason === undefined ? [] : [`  ✖ ${last.reason}`]),
  ];
}

function lastInWords(last: temporal.ScheduleView['last']): string {
  if (last === undefined) return 'none yet';
  return last.outcome === 'failed' ? `${ago(last.at)}, FAILED (${last.workflowId})` : ago(last.at);
}

function ago(at: Date | undefined): string {
  return at === undefined ? 'none yet' : (DateTime.fromJSDate(at).toRelative({ locale: 'en' }) ?? at.toISOString());
}

/** Pauses a Schedule, and says why to those who look at it later. */
export async function pauseSchedule(
  context: CommandContext,
  options: ConfigOption & { id: string; note?: string },
): Promise<void> {
  const { id, note = 'paused from the command line' } = options;
  await withTemporal(context, options, async ({ client }) => {
    await temporal.pauseSchedule(client, id, note);
    context.output.emit({ type: 'paused', id, note }, `✔ ${id} is paused (${note}). A run under way goes on.`);
  });
}

/** Lets a paused Schedule go on. */
export async function resumeSchedule(
  context: CommandContext,
  options: ConfigOption & { id: string; note?: string },
): Promise<void> {
  const { id, note = 'resumed from the command line' } = options;
  await withTemporal(context, options, async ({ client }) => {
    await temporal.resumeSchedule(client, id, note);
    context.output.emit({ type: 'resumed', id, note }, `✔ ${id} goes on at its next time.`);
  });
}

/** Has a Schedule run now; beside a run under way nothing is started. */
export async function runSchedule(context: CommandContext, options: ConfigOption & { id: string }): Promise<void> {
  const { id } = options;
  await withTemporal(context, options, async ({ client }) => {
    const run = await temporal.runScheduleNow(client, id);
    if (!run.started && !run.running) throw new CliError(`${id} did not start in time: kickoff schedules list`);
    context.output.emit(
      { type: 'run', id, ...run },
      run.started ? `✔ ${id} runs: ${run.workflowId}` : `${id} is running already; nothing was started.`,
    );
  });
}
