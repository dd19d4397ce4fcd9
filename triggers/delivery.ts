import type { Deal, FormSubmission, Lead } from '../crm/index.ts';
import type {
  DealChange,
  KickoffStatus,
  LeadBooked,
  MeetingEvent,
  OrganizerLeft,
  Origin,
  RecoveryOrigin,
} from '../workflows/messages.ts';

/** As much of Temporal's client as the relay uses; a `Client` of `@temporalio/client` is one. */
export interface SignalClient {
  readonly connection: {
    /** `deadline` in milliseconds since the epoch. */
    withDeadline<R>(deadline: number, fn: () => Promise<R>): Promise<R>;
  };
  readonly workflow: {
    getHandle(workflowId: string): {
      signal(name: string, event: MeetingEvent | DealChange | LeadBooked | OrganizerLeft): Promise<void>;
      query(name: 'status'): Promise<Pick<KickoffStatus, 'phase'>>;
    };
  };
}

/**
 * Starts a deal's kickoff, once for ever. `started` is false when the deal has one, or when a former one is still ending
 * (`mustWait`); `message` says so in words.
 */
export type StartKickoff = (input: {
  deal: Deal;
  workstream?: string;
  origin: Origin;
}) => Promise<{ workflowId: string; started: boolean; message: string; warning?: string; mustWait?: true }>;

/** Starts a lead's recovery. `started` is false when it is not taken up; `message` says in words why. */
export type StartRecovery = (input: {
  lead: Lead;
  form: FormSubmission;
  origin: RecoveryOrigin;
}) => Promise<{ workflowId: string; started: boolean; message: string }>;
/** Asks somebody to hand over what a person organizes; joins a hand-over that runs. @returns its workflow id */
export type StartHandOver = (input: { email: string; reason: string }) => Promise<string>;

/** What became of one row of the inbox. */
export type Delivery =
  | {
      kind: 'delivered';
      workflowId: string;
      started?: { deal: Deal; workflowIds: string[] };
      /** The lead whose recovery has begun. */
      recovered?: { lead: Lead; form: FormSubmission };
      warning?: string;
    }
  | { kind: 'ignored'; reason: string }
  | { kind: 'unmatched' }
  | { kind: 'dead'; reason: string }
  | {
      kind: 'retry';
      reason: string;
      cause: unknown;
      /** At least this long, in milliseconds. */
      waitMs?: number;
      /** True when the fault lies in the row or in a setting, so that one day somebody must look; false while a system is down. */
      isCounted: boolean;
    };

/** Milliseconds for one call to Temporal; its client would otherwise try for about 20 s. */
export const TEMPORAL_DEADLINE_MS = 5_000;

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
