import { ScheduleOverlapPolicy } from '@temporalio/client';
import type { Config } from '../../config/index.ts';
import { type BackfillInput, KICKOFF_TASK_QUEUE, WORKFLOW_TYPES } from '../../workflows/messages.ts';
import { TemporalError } from '../errors.ts';
import { backfillScheduleId, CATCH_UP_SCHEDULE_ID, SWEEP_SCHEDULE_ID, type WantedSchedule } from './definition.ts';
import { durationInWords } from './duration.ts';

/** The part of the configuration that Schedules are made from. */
export type ScheduleConfig = Pick<Config, 'catchUp' | 'backfill'> & {
  sweep: Pick<Config['sweep'], 'everyMinutes'>;
  crm: Partial<Record<keyof Config['crm'], unknown>>;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The CRMs that can be asked which deals were won. */
const LISTED_CRMS = ['hubspot', 'salesforce', 'pipedrive'] as const;

/**
 * The Schedules that a configuration asks for. One that is switched off (0 minutes) is not among them; the catch-up is
 * only where a CRM is configured that can be listed.
 *
 * @throws TemporalError `schedule_doubled` when two backfills have one name
 */
export function wantedSchedules({ sweep, catchUp, backfill, crm }: ScheduleConfig): WantedSchedule[] {
  const wanted: WantedSchedule[] = [];
  if (sweep.everyMinutes > 0) wanted.push(sweepSchedule(sweep.everyMinutes));
  if (catchUp.everyMinutes > 0 && LISTED_CRMS.some((name) => crm[name] !== undefined)) {
    wanted.push(catchUpSchedule(catchUp.everyMinutes));
  }
  for (const entry of backfill.schedules) {
    const schedule = backfillSchedule(entry);
    if (wanted.some(({ id }) => id === schedule.id)) {
      throw new TemporalError(
        'schedule_doubled',
        `backfill.schedules has two of the name ${entry.name}: every one needs its own`,
      );
    }
    wanted.push(schedule);
  }
  return wanted;
}

function sweepSchedule(everyMinutes: number): WantedSchedule {
  return schedule(SWEEP_SCHEDULE_ID, everyMinutes * MINUTE, {
    workflowType: WORKFLOW_TYPES.sweep,
    input: [],
    // One that hangs keeps those after it from beginning; its activities end before.
    executionTimeoutMs: 2 * HOUR,
    // After an outage of Temporal one sweep is as good as the many that were missed.
    catchupWindowMs: MINUTE,
    summary: 'What lost webhooks would have said',
  });
}

function catchUpSchedule(everyMinutes: number): WantedSchedule {
  return schedule(CATCH_UP_SCHEDULE_ID, everyMinutes * MINUTE, {
    workflowType: WORKFLOW_TYPES.catchUp,
    input: [],
    // Three CRMs, each with the 40 minutes that its activity may take.
    executionTimeoutMs: 3 * HOUR,
    // The next one goes back to where the last one had got.
    catchupWindowMs: MINUTE,
    summary: 'Won deals that told nobody',
  });
}

function backfillSchedule(entry: ScheduleConfig['backfill']['schedules'][number]): WantedSchedule {
  const { name, of, crm, everyHours, closedWithinDays, pipelines, limit } = entry;
  const input: BackfillInput = {
    ...(of === 'leads' ? { of, crm, submittedWithinDays: closedWithinDays } : { crm, closedWithinDays }),
    ...(pipelines === undefined || of === 'leads' ? {} : { pipelines }),
    ...(limit === undefined ? {} : { limit }),
    requestedBy: `schedule ${name}`,
  };
  return schedule(backfillScheduleId(name), everyHours * HOUR, {
    workflowType: WORKFLOW_TYPES.backfill,
    workflowId: `${WORKFLOW_TYPES.backfill}:${name}`,
    input: [input],
    // Over every continue-as-new: 10,000 deals are hours, a million a week, and a person may pause it over holidays.
    executionTimeoutMs: 30 * DAY,
    // The next one may be a month away: one that an outage has swallowed is made up for within the day.
    catchupWindowMs: DAY,
    summary: `Backfill ${name}: ${crm}, ${of === 'leads' ? 'forms filled in' : 'deals closed'} in the last ${closedWithinDays === 1 ? 'day' : `${closedWithinDays} days`}`,
  });
}

function schedule(
  id: string,
  everyMs: number,
  what: {
    workflowType: string;
    workflowId?: string;
    input: unknown[];
    executionTimeoutMs: number;
    catchupWindowMs: number;
    summary: string;
  },
): WantedSchedule {
  const { catchupWindowMs, workflowId = what.workflowType, ...action } = what;
  return {
    id,
    everyMs,
    catchupWindowMs,
    definition: {
      ...action,
      times: `every ${durationInWords(everyMs)}`,
      workflowId,
      taskQueue: KICKOFF_TASK_QUEUE,
      // What the run under way does not find, the next one does; two at once would only take each other's calls.
      overlap: ScheduleOverlapPolicy.SKIP,
      runTimeoutMs: 0,
    },
  };
}
