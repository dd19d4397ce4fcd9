import { type Action, Refused } from '../action/action.ts';
import { bulkRunPath } from '../audit/target.ts';
import type { ConsoleContext } from '../context.ts';
import { progressOf, progressWords, readRun } from './run.ts';
import type { Runner } from './runner.ts';

/** Goes on with a bulk action that a server was stopped in the middle of. What has been done is not done again. */
export function goOnAction({ database }: Pick<ConsoleContext, 'database'>, runner: Runner): Action {
  return {
    name: 'bulk.goOn',
    label: 'Go on with the rest',
    reason: 'none',
    async prepare(on) {
      const run = await readRun(database, on);
      if (run === undefined) return undefined;
      const progress = progressOf(run);
      return {
        title: `${progress.open} of ${progress.total}`,
        about: 'What has been done is not done again. Where another server is at it, going on does no harm.',
        back: bulkRunPath(on),
        ...(progress.open === 0 ? { impossible: 'Nothing of it is left to do.' } : {}),
        ...(runner.isRunning(on) ? { impossible: 'It is under way.' } : {}),
      };
    },
    async perform(on, _posted, { by }) {
      const run = await readRun(database, on);
      if (run === undefined) throw new Refused('There is no such bulk action.');
      runner.start(run, by);
      return `It goes on; so far: ${progressWords(progressOf(run))}.`;
    },
  };
}
