import type { Action } from '../action/action.ts';
import type { ConsoleContext } from '../context.ts';
import { startBackfill } from './start.ts';
import { steerActions } from './steer.ts';

/** What a person may do about backfills. */
export function backfillActions(context: ConsoleContext): Action[] {
  return [startBackfill(context), ...steerActions(context)];
}
