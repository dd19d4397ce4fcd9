import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { type Database, listKickoffs } from '../database/index.ts';
import { registryChanged } from '../workflows/messages.ts';

/** At most so many are woken by one change: more are waiting for something else. */
const LIMIT = 500;

/**
 * Makes the kickoffs that wait for a person look at the registry again, because these accounts have changed in it.
 *
 * @returns how many were told
 */
export async function wakeKickoffs(
  { database, client }: { database: Database; client: Client },
  accountIds: ReadonlySet<string>,
): Promise<number> {
  const waiting = await listKickoffs(database.db, { phase: 'needs_attention', limit: LIMIT });
  let told = 0;
  for (const { workflow_id, account_id } of waiting) {
    if (!accountIds.has(account_id)) continue;
    try {
      await client.workflow.getHandle(workflow_id).signal(registryChanged);
      told += 1;
    } catch (error) {
      // It has closed since.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
  return told;
}
