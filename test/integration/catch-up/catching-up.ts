import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { type CatchUpDependencies, catchUpActivities } from '../../../activities/catch-up/index.ts';
import { claimKickoff, type Database, type InboxRow, listInbox, markKickoffStarted } from '../../../database/index.ts';
import type { CatchUpReport } from '../../../workflows/messages.ts';

export interface LookOptions extends Partial<CatchUpDependencies> {
  database: Database;
  crms: CatchUpDependencies['crms'];
  now: () => Date;
  /** What is logged goes here: a line each. */
  lines?: string[];
  onHeartbeat?: () => void;
  environment?: MockActivityEnvironment;
}

/** One attempt of the activity, without workflows. */
export async function look({ lines, environment, ...dependencies }: LookOptions): Promise<CatchUpReport> {
  const logger = new DefaultLogger('INFO', ({ level, message, meta }) =>
    lines?.push(`${level} ${message} ${JSON.stringify(meta)}`),
  );
  const attempt = environment ?? new MockActivityEnvironment({}, { logger });
  return await attempt.run<[], CatchUpReport, () => Promise<CatchUpReport>>(
    catchUpActivities(dependencies).catchUpDeals,
  );
}

/** Makes the deal's kickoff, as it stands in the ledger. */
export async function kickoffInLedger(
  { db }: Database,
  dealId: string,
  more: { phase?: string; lostAt?: Date; crm?: string; started?: boolean; deal?: object } = {},
): Promise<void> {
  const workflowId = `kickoff:${dealId}`;
  await claimKickoff(db, {
    workflowId,
    crm: more.crm ?? 'hubspot',
    dealId,
    workstream: '',
    deal: more.deal ?? {},
    accountId: 'acme',
    accountName: 'Acme',
    origin: {},
  });
  if (more.started !== false) await markKickoffStarted(db, workflowId);
  await db
    .updateTable('kickoffs')
    .set({ phase: more.phase ?? 'scheduling', deal_lost_at: more.lostAt ?? null })
    .where('workflow_id', '=', workflowId)
    .execute();
}

/** Every row of the inbox, oldest first. */
export async function inbox({ db }: Database): Promise<InboxRow[]> {
  return (await listInbox(db, { limit: 100_000 })).reverse();
}
