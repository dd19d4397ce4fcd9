import { CrmError } from './port.ts';

/**
 * Undefined instead of `not_found`: an owner or company that was deleted leaves the deal without one, which is a gap for a
 * person to fill and no failure.
 */
export async function orNothing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof CrmError && error.code === 'not_found') {
      return undefined;
    }
    throw error;
  }
}
