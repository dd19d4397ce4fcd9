import type { Crm, CrmName } from '../../crm/index.ts';
import type { Database } from '../../database/index.ts';
import type { BackfillPlan } from '../../workflows/messages.ts';

/** What pages are read with. */
export interface PageReading {
  crms: Partial<Record<CrmName, Crm>>;
  database: Database;
  signal: AbortSignal;
}

/** Which page of a backfill. */
export interface PageAsked {
  plan: BackfillPlan;
  cursor?: string;
}
