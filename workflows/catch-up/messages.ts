/** What comes out of the workflow `catchUp`. */
import type { CrmName } from '../../crm/port.ts';

/** What was caught up with in one CRM. */
export interface CaughtUp {
  crm: CrmName;
  /** The window of changes that was looked at; ISO 8601 instants. */
  from: string;
  until: string;
  /** Won deals that had changed in it. */
  scanned: number;
  /** Those that were won without a kickoff, and are in the inbox now. */
  takenIn: number;
  /** The first 50. */
  deals: { dealId: string; name?: string; wonAt: string }[];
  /** Running kickoffs' deals that are not won any more; without a stage: gone. They are in the inbox now. The first 50. */
  lost: { dealId: string; stage?: string }[];
}

/** What one catching-up found. A CRM that could not be asked is absent, and `problems` says why. */
export interface CatchUpReport {
  crms: CaughtUp[];
  problems: string[];
}
