export { type ConnectOptions, connect, type TemporalClient } from './connect.ts';
export { type DevServer, type DevServerOptions, startDevServer } from './dev-server.ts';
export { TemporalError, type TemporalErrorCode } from './errors.ts';
export { freePort } from './free-port.ts';
export { type ResolveOptions, resolveTemporalServer, type TemporalServer } from './resolve-server.ts';
export {
  type AppliedSchedule,
  applySweepSchedule,
  describeSweepSchedule,
  type ScheduleView,
  SWEEP_SCHEDULE_ID,
} from './schedules.ts';
export {
  kickoffStarter,
  type StartDependencies,
  type Started,
  type StartKickoff,
  type StartRequest,
} from './start-kickoff.ts';
export type { ResolveProgress, Way } from './ways.ts';
