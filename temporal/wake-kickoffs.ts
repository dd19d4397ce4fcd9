import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { type Database, kickoffsToWake } from '../database/index.ts';
import { registryChanged } from '../workflows/messages.ts';

/** So many are told at one time. */
const AT_ONCE = 20;

/**
 * Makes the kickoffs of these accounts look at the registry again, because it has changed for them: those that wait for
 * people, and those whose people are being asked.
 *
 * @returns how many were told
 */
export async function wakeKickoffs(
  { database, client }: { database: Database; client: Client },
  accountIds: ReadonlySet<string>,
): Promise<number> {
  const workflowIds = await kickoffsToWake(database.db, accountIds);
  let told = 0;
  for (let at = 0; at < workflowIds.length; at += AT_ONCE) {
    const some = workflowIds.slice(at, at + AT_ONCE);
    const heard = await Promise.all(some.map((workflowId) => isTold(client, workflowId)));
    told += heard.filter(Boolean).length;
  }
  return told;
}

/** @returns false when it has closed since */
async function isTold(client: Client, workflowId: string): Promise<boolean> {
  try {
    await client.workflow.getHandle(workflowId).signal(registryChanged);
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
