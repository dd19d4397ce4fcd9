/** The workflow bundle's entry: what is exported here is a workflow type. */
export { backfill } from './backfill/backfill.ts';
export { catchUp } from './catch-up/catch-up.ts';
export { dispatchKickoff } from './dispatch/dispatch.ts';
export { handOver } from './hand-over/hand-over.ts';
export { kickoff } from './kickoff/kickoff.ts';
export { leadRecovery } from './recovery/recovery.ts';
export { sweep } from './sweep/sweep.ts';
