import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { WINDOW_PASSED } from '../messages.ts';

/**
 * Whether a create has failed because its window was over, and whether anything may have been sent under its key.
 *
 * @returns undefined for every other failure
 */
export function passedWindow(error: unknown): { wasSent: boolean } | undefined {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  if (!(failure instanceof ApplicationFailure) || failure.type !== WINDOW_PASSED) return undefined;
  const [detail]: unknown[] = failure.details ?? [];
  const isUnsent = typeof detail === 'object' && detail !== null && 'wasSent' in detail && detail.wasSent === false;
  return { wasSent: !isUnsent };
}
