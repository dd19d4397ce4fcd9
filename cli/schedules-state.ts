import type { PlannedSchedule } from '../temporal/index.ts';
import { CliError } from './errors.ts';

/**
 * How the Schedules stand to the configuration, in words. One that is paused or left over is only named: somebody meant it.
 *
 * @throws CliError when one is missing or is not as configured
 */
export function schedulesState(plan: readonly PlannedSchedule[]): string {
  const wrong = plan.flatMap(({ id, todo, changes }) => {
    if (todo === 'create') return [`${id} is missing`];
    if (todo === 'foreign') return [`${id} belongs to something else`];
    return todo === 'update' ? [`${id} differs in ${changes.map(({ field }) => field).join(', ')}`] : [];
  });
  if (wrong.length > 0) throw new CliError(`${wrong.join('; ')}: kickoff schedules apply`);
  const asConfigured = plan.filter(({ todo }) => todo === 'nothing').map(({ id }) => id);
  return [
    asConfigured.length === 0 ? 'none is configured' : `${asConfigured.join(', ')} as configured`,
    ...plan.flatMap(({ id, found }) => (found?.byHand.isPaused === true ? [paused(id, found.byHand.note)] : [])),
    ...plan.flatMap(({ id, todo }) => (todo === 'remove' ? [leftOver(id)] : [])),
  ].join('; ');
}

function paused(id: string, note: string | undefined): string {
  return `${id} is PAUSED${note === undefined ? '' : ` (${note})`}`;
}

function leftOver(id: string): string {
  return `${id} is not configured any more: kickoff schedules apply --prune`;
}
