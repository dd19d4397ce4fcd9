import { type Database, recordPhase, skipStep } from '../database/index.ts';
import type { KickoffActivities } from './contract.ts';

/** Writes what no other activity carries: phases, and steps that are not run. */
export function ledgerActivities({
  database,
}: {
  database: Database;
}): Pick<KickoffActivities, 'recordPhase' | 'recordSkippedStep'> {
  return {
    async recordPhase({ workflowId, revision, phase, needs, closesAt }) {
      await recordPhase(database.db, { workflowId, revision, phase, needs, closesAt });
    },
    async recordSkippedStep({ reason, ...key }) {
      await skipStep(database.db, key, reason);
    },
  };
}
