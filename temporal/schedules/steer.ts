import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, type ScheduleDescription, type ScheduleHandle, ScheduleOverlapPolicy } from '@temporalio/client';
import { TemporalError } from '../errors.ts';
import { isOurs } from './definition.ts';
import { describeSchedule, readSchedules } from './read.ts';

/** Until the firing shows in the Schedule's description. */
const SHOWS_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 100;

/**
 * Pauses a Schedule of Kickoff's; a run under way goes on.
 *
 * @param note why, for those who look at it later
 * @throws TemporalError `schedule_unknown`
 */
export async function pauseSchedule(client: Client, id: string, note: string): Promise<void> {
  const { handle } = await ours(client, id);
  await handle.pause(note);
}

/**
 * Lets a paused Schedule of Kickoff's go on at its next time.
 *
 * @throws TemporalError `schedule_unknown`
 */
export async function resumeSchedule(client: Client, id: string, note: string): Promise<void> {
  const { handle } = await ours(client, id);
  await handle.unpause(note);
}

/** What came of having a Schedule run now. */
export type RunNow = { started: true; workflowId: string } | { started: false; running: boolean };

/**
 * Has a Schedule of Kickoff's run now, also when it is paused. Beside a run under way nothing is started.
 *
 * @returns `started: false`, `running: false` when Temporal did not get to it in 10 s
 * @throws TemporalError `schedule_unknown`
 */
export async function runScheduleNow(client: Client, id: string): Promise<RunNow> {
  const { handle, description } = await ours(client, id);
  // Left to itself, a trigger ignores the overlap policy.
  await handle.trigger(ScheduleOverlapPolicy.SKIP);
  const before = description.info;
  for (const until = performance.now() + SHOWS_WITHIN_MS; performance.now() < until; await sleep(LOOK_EVERY_MS)) {
    const { info } = await handle.describe();
    const taken = info.recentActions.at(-1);
    if (info.numActionsTaken > before.numActionsTaken && taken !== undefined) {
      return { started: true, workflowId: taken.action.workflow.workflowId };
    }
    if (info.numActionsSkippedOverlap > before.numActionsSkippedOverlap) return { started: false, running: true };
  }
  return { started: false, running: false };
}

async function ours(client: Client, id: string): Promise<{ handle: ScheduleHandle; description: ScheduleDescription }> {
  const description = await describeSchedule(client, id);
  if (description !== undefined && isOurs({ id, workflowType: description.action.workflowType })) {
    return { handle: client.schedule.getHandle(id), description };
  }
  const ids = (await readSchedules(client)).map(({ scheduleId }) => scheduleId);
  const there = ids.length === 0 ? 'There is none: kickoff schedules apply' : `There are: ${ids.join(', ')}`;
  throw new TemporalError('schedule_unknown', `Kickoff has no Schedule ${id}. ${there}`);
}
