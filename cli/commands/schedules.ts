/** What happens by the clock: the sweep's Schedule in Temporal. */
import { DateTime } from 'luxon';
import { loadConfig } from '../../config/index.ts';
import {
  type AppliedSchedule,
  applySweepSchedule,
  describeSweepSchedule,
  SWEEP_SCHEDULE_ID,
} from '../../temporal/index.ts';
import type { CommandContext } from '../command-context.ts';
import { withTemporal } from '../with-temporal.ts';

const DONE: Record<AppliedSchedule, string> = {
  created: 'made',
  updated: 'changed',
  unchanged: 'is as configured',
  deleted: 'removed: sweep.everyMinutes is 0',
  absent: 'not wanted, and there is none',
};

/** Makes Temporal's Schedules match the configuration. */
export async function applySchedules(context: CommandContext, options: { config?: string }): Promise<void> {
  const { sweep } = loadConfig({ env: context.env, cwd: context.cwd, configFile: options.config });
  await withTemporal(context, options, async ({ client }) => {
    const action = await applySweepSchedule(client, sweep);
    const every = sweep.everyMinutes === 0 ? '' : `, every ${sweep.everyMinutes} min`;
    context.output.emit(
      { type: 'schedule', id: SWEEP_SCHEDULE_ID, action, everyMinutes: sweep.everyMinutes },
      `✔ ${SWEEP_SCHEDULE_ID} ${DONE[action]}${every}`,
    );
  });
}

/** Shows the Schedules as they are. */
export async function listSchedules(context: CommandContext, options: { config?: string }): Promise<void> {
  await withTemporal(context, options, async ({ client }) => {
    const view = await describeSweepSchedule(client);
    if (view === undefined) {
      context.output.emit({ type: 'none' }, 'There is no Schedule. Make what is configured: kickoff schedules apply');
      return;
    }
    const { id, purpose, everyMinutes, isPaused, note, lastAt, nextAt, running } = view;
    context.output.emit(
      { type: 'schedule', ...view },
      [
        `${id}  ${purpose}`,
        `  ${everyMinutes === undefined ? 'at times set by hand' : `every ${everyMinutes} min`}${isPaused ? ' · PAUSED' : ''}${note === undefined ? '' : ` (${note})`}`,
        `  last ${ago(lastAt)} · next ${isPaused ? 'none while paused' : ago(nextAt)}${running > 0 ? ' · one is running' : ''}`,
      ].join('\n'),
    );
  });
}

function ago(at: Date | undefined): string {
  return at === undefined ? 'none yet' : (DateTime.fromJSDate(at).toRelative({ locale: 'en' }) ?? at.toISOString());
}
