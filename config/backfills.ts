import type { Fault } from './errors.ts';
import { pathText } from './faults.ts';
import type { FileConfig } from './schema.ts';

/**
 * What is wrong with the backfills that come by the clock: two of one name would be one Schedule, and one of a CRM that is
 * not configured would fail each time, when nobody looks.
 *
 * @param lineOf the file's line on which a path stands
 */
export function faultsOfBackfills(
  { backfill, crm, recovery }: Pick<FileConfig, 'backfill' | 'crm' | 'recovery'>,
  lineOf: (path: readonly PropertyKey[]) => number | undefined,
): Fault[] {
  const faults: Fault[] = [];
  const add = (index: number, option: 'name' | 'crm' | 'of', message: string) => {
    const path = ['backfill', 'schedules', index, option];
    const line = lineOf(path);
    faults.push({ path: pathText(path), message, ...(line === undefined ? {} : { line }) });
  };
  backfill.schedules.forEach((schedule, index) => {
    const first = backfill.schedules.findIndex(({ name }) => name === schedule.name);
    if (first < index) add(index, 'name', `${schedule.name} is the name of backfill.schedules[${first}] already`);
    if (crm[schedule.crm] === undefined) {
      add(index, 'crm', `${schedule.crm} is not configured: name it under crm:, {} takes every default`);
    }
    if (schedule.of === 'leads' && recovery === undefined) {
      add(index, 'of', 'leads are not recovered here: configure recovery:, {} takes every default');
    }
  });
  return faults;
}
