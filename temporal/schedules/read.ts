import { type Client, type ScheduleDescription, ScheduleNotFoundError } from '@temporalio/client';
import { CATCH_UP_SCHEDULE_ID, isOurs, SWEEP_SCHEDULE_ID } from './definition.ts';

/** A Schedule as it is; undefined when there is none. */
export async function describeSchedule(client: Client, id: string): Promise<ScheduleDescription | undefined> {
  try {
    return await client.schedule.getHandle(id).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

/**
 * Every Schedule of Kickoff's, and those that have one of the given ids whatever they do. Temporal's list runs behind what
 * happens; so it only finds ids that cannot be known here, and what it says of them is looked up.
 *
 * @param ids looked up whether or not they are listed
 */
export async function readSchedules(client: Client, ids: readonly string[] = []): Promise<ScheduleDescription[]> {
  const known = [SWEEP_SCHEDULE_ID, CATCH_UP_SCHEDULE_ID, ...ids];
  const found: ScheduleDescription[] = [];
  for (const id of new Set([...known, ...(await listedIds(client)).sort()])) {
    const description = await describeSchedule(client, id);
    if (description === undefined) continue;
    if (ids.includes(id) || isOurs({ id, workflowType: description.action.workflowType })) found.push(description);
  }
  return found;
}

/** Not by the SDK's `list`, which decodes every memo: others in the namespace may encrypt theirs. */
async function listedIds(client: Client): Promise<string[]> {
  const { namespace } = client.options;
  const ids: string[] = [];
  let nextPageToken: Uint8Array | null = null;
  do {
    const page: ListedSchedules = await client.workflowService.listSchedules({ namespace, nextPageToken });
    for (const { scheduleId, info } of page.schedules) {
      const workflowType = info?.workflowType?.name;
      if (scheduleId && workflowType && isOurs({ id: scheduleId, workflowType })) ids.push(scheduleId);
    }
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0);
  return ids;
}

type ListedSchedules = Awaited<ReturnType<Client['workflowService']['listSchedules']>>;
