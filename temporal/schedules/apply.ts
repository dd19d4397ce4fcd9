import { type Client, ScheduleAlreadyRunning, ScheduleNotFoundError } from '@temporalio/client';
import { TemporalError } from '../errors.ts';
import { actionOf } from './action.ts';
import type { WantedSchedule } from './definition.ts';
import {
  differences,
  isOurSchedule,
  type PlannedSchedule,
  planSchedules,
  type ScheduleChange,
  setByHand,
} from './difference.ts';
import { foundSchedule } from './found.ts';
import { describeSchedule, readSchedules } from './read.ts';
import { rewriteSchedule } from './rewrite.ts';

/** What was done about a Schedule. */
export interface AppliedSchedule {
  id: string;
  /** `kept`: it is not configured any more, or is something else of this name; it was left as it is. */
  action: 'created' | 'updated' | 'unchanged' | 'removed' | 'kept';
  /** What was changed; every field of one that was created. */
  changes: ScheduleChange[];
  /** What people have made of it, in words; it was left so. */
  byHand: string[];
  /** Why what is configured could not be had, and what to do. */
  problem?: string;
}

/** Others write as well; whoever does not get through in so many attempts meets somebody with another configuration. */
const ATTEMPTS = 5;

/** What would make Temporal's Schedules match the configuration. Changes nothing. */
export async function readSchedulePlan(client: Client, wanted: readonly WantedSchedule[]): Promise<PlannedSchedule[]> {
  const found = await readSchedules(
    client,
    wanted.map(({ id }) => id),
  );
  return planSchedules(wanted, found.map(foundSchedule));
}

/**
 * Makes Temporal's Schedules match the configuration. Whether one is paused, its note, its catch-up window and whether it
 * pauses itself stay what people have made of them. Any number of processes may do this at once, and with every start.
 *
 * @param options.prune whether those of Kickoff's that are not configured any more are removed
 * @throws TemporalError `schedule_contended` when somebody else keeps changing one back
 */
export async function applySchedules(
  client: Client,
  wanted: readonly WantedSchedule[],
  options: { prune?: boolean } = {},
): Promise<AppliedSchedule[]> {
  return await applySchedulePlan(client, await readSchedulePlan(client, wanted), options);
}

/** Does what a plan says, as far as it is still to be done. */
export async function applySchedulePlan(
  client: Client,
  plan: readonly PlannedSchedule[],
  options: { prune?: boolean } = {},
): Promise<AppliedSchedule[]> {
  const applied: AppliedSchedule[] = [];
  for (const one of plan) {
    const outcome = foretold(one, options);
    const { wanted } = one;
    if (outcome.action === 'removed') applied.push(await remove(client, one.id));
    else if (outcome.changes.length > 0 && wanted !== undefined) applied.push(await ensure(client, wanted));
    else applied.push(outcome);
  }
  return applied;
}

/** What a plan comes to if nobody else does anything meanwhile. */
export function foretold(
  { id, todo, changes, wanted, found }: PlannedSchedule,
  { prune = false }: { prune?: boolean } = {},
): AppliedSchedule {
  const byHand = found === undefined ? [] : setByHand(found, wanted);
  switch (todo) {
    case 'create':
      return { id, action: 'created', changes, byHand };
    case 'update':
      return { id, action: 'updated', changes, byHand };
    case 'remove':
      return { id, action: prune ? 'removed' : 'kept', changes, byHand };
    case 'foreign':
      return foreign(id, found?.definition.workflowType);
    case 'nothing':
      return { id, action: 'unchanged', changes, byHand };
  }
}

async function ensure(client: Client, wanted: WantedSchedule): Promise<AppliedSchedule> {
  const { id } = wanted;
  // What this process has changed; in the end it is read again, because a write may have lost against another's.
  let changes: ScheduleChange[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const description = await describeSchedule(client, id);
    if (description === undefined) {
      if (await created(client, wanted)) {
        return { id, action: 'created', changes: differences(wanted, undefined), byHand: [] };
      }
      continue;
    }
    const found = foundSchedule(description);
    if (!isOurSchedule(found)) return foreign(id, found.definition.workflowType);
    const left = differences(wanted, found);
    if (left.length === 0) {
      const action = changes.length === 0 ? 'unchanged' : 'updated';
      return { id, action, changes, byHand: setByHand(found, wanted) };
    }
    if (await rewriteSchedule(client, description, wanted)) changes = left;
  }
  throw new TemporalError(
    'schedule_contended',
    `${id} is changed by somebody else again and again: have all workers the same configuration?`,
  );
}

/** @returns false when another process was faster */
async function created(client: Client, { id, everyMs, catchupWindowMs, definition }: WantedSchedule): Promise<boolean> {
  try {
    await client.schedule.create({
      scheduleId: id,
      spec: { intervals: [{ every: everyMs }] },
      action: actionOf(definition),
      policies: { overlap: definition.overlap, catchupWindow: catchupWindowMs, pauseOnFailure: false },
    });
    return true;
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return false;
    throw error;
  }
}

async function remove(client: Client, id: string): Promise<AppliedSchedule> {
  const removed: AppliedSchedule = { id, action: 'removed', changes: [], byHand: [] };
  const description = await describeSchedule(client, id);
  if (description === undefined) return removed;
  const found = foundSchedule(description);
  // It has become somebody else's since the plan was made.
  if (!isOurSchedule(found)) return foreign(id, found.definition.workflowType);
  try {
    await client.schedule.getHandle(id).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
  return removed;
}

function foreign(id: string, workflowType = 'something else'): AppliedSchedule {
  return {
    id,
    action: 'kept',
    changes: [],
    byHand: [],
    problem: `There is a Schedule ${id} already that starts ${workflowType}, which is none of Kickoff’s: rename or delete it, or use a namespace of Kickoff’s own.`,
  };
}
