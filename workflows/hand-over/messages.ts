/** What goes in and out of the workflow `handOver`: everything that one person organizes gets another organizer. */
import { defineQuery, defineUpdate } from '@temporalio/workflow';

/** Input of `handOver`. */
export interface HandOverInput {
  /** Who organizes no more. */
  email: string;
  /** Who noticed: `member.deactivated`, or a person. */
  reason: string;
  /** Give everything to this person at once; left out, the update `handOver` does. */
  to?: string;
  /** Days between two reminders to the manager. Left out: 2. */
  remindAfterDays?: number;
  /** Only say what there is: nobody is told, nothing is handed over. */
  dryRun?: boolean;
}

export interface HandOverResult {
  email: string;
  /** What is still theirs: what is booked, and in a dry run everything. */
  open: HandOverStatus['open'];
  done: HandOverStatus['done'];
}

export interface HandOverCommand {
  /** An active member of the SkipUp workspace. */
  to: string;
  reason: string;
}

export interface HandOverStatus {
  email: string;
  /** What is still theirs. */
  open: { workflowId: string; account: string; phase: string }[];
  /** What has been handed over, or could not be, and why. */
  done: { workflowId: string; ok: boolean; message: string }[];
  waitingFor: string;
}

/** Hands every kickoff and recovery over. Answers with a sentence. */
export const handOver = defineUpdate<string, [HandOverCommand]>('handOver');
export const handOverStatus = defineQuery<HandOverStatus>('status');

/** Addresses are personal data, so the id has the first 16 hex digits of the address's SHA-256 in its place. */
export function handOverWorkflowId(emailDigest: string): string {
  return `hand-over:${emailDigest}`;
}
