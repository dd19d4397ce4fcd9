import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Config } from '../config/index.ts';
import { type Database, kickoffsToWake } from '../database/index.ts';
import { connect, TemporalError } from '../temporal/index.ts';
import { registryChanged } from '../workflows/messages.ts';
import type { Output } from './output.ts';

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

/** The import holds whether or not Temporal is there; the kickoffs that wait can also be told by hand. */
export async function tellOverTemporal(
  output: Output,
  config: Config['temporal'],
  database: Database,
  accounts: ReadonlySet<string>,
): Promise<void> {
  try {
    const temporal = await connect(config);
    try {
      const told = await wakeKickoffs({ database, client: temporal.client }, accounts);
      if (told > 0) output.emit({ type: 'woken', kickoffs: told }, `${told} kickoff(s) without a booking look again.`);
    } finally {
      await temporal.close();
    }
  } catch (error) {
    if (!(error instanceof TemporalError)) throw error;
    const advice = 'Kickoffs without a booking were not told; send those that wait for people `proceed`.';
    output.emit({ type: 'not_woken', reason: error.message }, `${error.message}\n${advice}`);
  }
}
