import { type Database, recordPhase } from '../database/index.ts';
import type { KickoffActivities } from './contract.ts';

/** Writes phases that no other activity carries. */
export function ledgerActivities({ database }: { database: Database }): Pick<KickoffActivities, 'recordPhase'> {
  return {
    async recordPhase({ workflowId, revision, phase, needs, closesAt }) {
      await recordPhase(database.db, { workflowId, revision, phase, needs, closesAt });
    },
  };
}
