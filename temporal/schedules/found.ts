import { type ScheduleDescription, ScheduleOverlapPolicy } from '@temporalio/client';
import { msToNumber } from '@temporalio/common/lib/time.js';
import type { FoundSchedule } from './definition.ts';
import { durationInWords } from './duration.ts';

/** Temporal's description, in the words in which Schedules are compared. */
export function foundSchedule({ scheduleId, spec, action, policies, state }: ScheduleDescription): FoundSchedule {
  return {
    id: scheduleId,
    definition: {
      times: timesInWords(spec),
      workflowType: action.workflowType,
      workflowId: action.workflowId ?? '',
      taskQueue: action.taskQueue,
      input: [...(action.args ?? [])],
      // A Schedule that was made without one has the server's default.
      overlap: policies.overlap ?? ScheduleOverlapPolicy.SKIP,
      executionTimeoutMs: msToNumber(action.workflowExecutionTimeout ?? 0),
      runTimeoutMs: msToNumber(action.workflowRunTimeout ?? 0),
      summary: action.staticSummary ?? '',
    },
    byHand: {
      isPaused: state.paused,
      ...(state.note === undefined || state.note === '' ? {} : { note: state.note }),
      catchupWindowMs: policies.catchupWindow,
      pauseOnFailure: policies.pauseOnFailure,
    },
  };
}

/** The one interval of a Schedule that has no other times; undefined for one that has been given others by hand. */
export function intervalMs(spec: ScheduleDescription['spec']): number | undefined {
  const { intervals = [], calendars = [], skip = [], startAt, endAt, jitter = 0 } = spec;
  const [interval, ...others] = intervals;
  // The server leaves out an offset of zero, whatever the type says.
  const isPlain =
    others.length + calendars.length + skip.length === 0 &&
    (interval?.offset ?? 0) === 0 &&
    jitter === 0 &&
    startAt === undefined &&
    endAt === undefined;
  return isPlain ? interval?.every : undefined;
}

function timesInWords(spec: ScheduleDescription['spec']): string {
  const everyMs = intervalMs(spec);
  return everyMs === undefined
    ? `set by hand: ${JSON.stringify(withoutEmpty(spec))}`
    : `every ${durationInWords(everyMs)}`;
}

function withoutEmpty(spec: ScheduleDescription['spec']): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(spec).filter(([, value]) =>
      Array.isArray(value) ? value.length > 0 : value !== undefined && value !== '' && value !== 0,
    ),
  );
}
