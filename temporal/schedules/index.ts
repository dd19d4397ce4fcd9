export {
  type AppliedSchedule,
  applySchedulePlan,
  applySchedules,
  foretold,
  readSchedulePlan,
} from './apply.ts';
export { SWEEP_SCHEDULE_ID } from './definition.ts';
export type { PlannedSchedule, ScheduleChange } from './difference.ts';
export { pauseSchedule, type RunNow, resumeSchedule, runScheduleNow } from './steer.ts';
export { listSchedules, type ScheduleView } from './view.ts';
export { type ScheduleConfig, wantedSchedules } from './wanted.ts';
