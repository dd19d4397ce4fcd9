import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { applySchedules, type ScheduleConfig, wantedSchedules } from '../temporal/index.ts';

/**
 * Makes the Schedules match the configuration, with a line in the log for each that was changed; none is removed. It never
 * fails: kickoffs go on without the Schedules, and what they would have found waits for whoever reads the log.
 */
export async function applyAndLogSchedules(client: Client, config: ScheduleConfig, logger: Logger): Promise<void> {
  try {
    for (const { id, action, changes, problem } of await applySchedules(client, wantedSchedules(config))) {
      const schedule = { schedule: id, action };
      if (problem !== undefined) logger.error(schedule, problem);
      else if (action === 'kept') {
        logger.warn(schedule, 'a Schedule is not configured any more; `kickoff schedules apply --prune` removes it');
      } else if (action !== 'unchanged') {
        logger.info({ ...schedule, ...(action === 'updated' && { changes }) }, 'a Schedule was made to match');
      }
    }
  } catch (err) {
    logger.error({ err }, 'the Schedules could not be applied; try `kickoff schedules apply`');
  }
}
