export { attendanceOf, isAttended } from './attended.ts';
export { type ConnectOptions, connect, type TemporalClient } from './connect.ts';
export { type DevServer, type DevServerOptions, startDevServer } from './dev-server.ts';
export { TemporalError, type TemporalErrorCode } from './errors.ts';
export { freePort } from './free-port.ts';
export { type ResolveOptions, resolveTemporalServer, type TemporalServer } from './resolve-server.ts';
export {
  type AppliedSchedule,
  applySchedulePlan,
  applySchedules,
  foretold,
  listSchedules,
  type PlannedSchedule,
  pauseSchedule,
  readSchedulePlan,
  resumeSchedule,
  runScheduleNow,
  type ScheduleChange,
  type ScheduleConfig,
  type ScheduleView,
  SWEEP_SCHEDULE_ID,
  wantedSchedules,
} from './schedules/index.ts';
export { handOverId, handOverStarter, type StartHandOver } from './start-hand-over.ts';
export {
  kickoffStarter,
  type StartDependencies,
  type Started,
  type StartKickoff,
  type StartRequest,
} from './start-kickoff.ts';
export {
  type RecoveryRefusal,
  type RecoveryStartDependencies,
  type RecoveryStartRequest,
  recoveryStarter,
  type StartedRecovery,
  type StartRecovery,
} from './start-recovery.ts';
export { startWonDeal, type WonDealKickoffs } from './start-won-deal.ts';
export { wakeKickoffs } from './wake-kickoffs.ts';
export type { ResolveProgress, Way } from './ways.ts';
