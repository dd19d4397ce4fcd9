import { z } from 'zod';
import type { Action, Faults, Posted } from '../action/action.ts';
import { Invalid } from '../action/action.ts';
import { inputField } from '../action/field.ts';
import { textIn } from '../action/posted.ts';
import type { ConsoleContext } from '../context.ts';
import { tellWorkflow } from '../temporal/tell.ts';
import { backfillPath } from './address.ts';
import { readBackfill } from './read.ts';

/** Buttons of a backfill that runs. */
export const STEER = {
  pause: { name: 'backfill.pause', label: 'Pause' },
  resume: { name: 'backfill.resume', label: 'Go on' },
  changeRate: { name: 'backfill.changeRate', label: 'Change the rate' },
  cancel: { name: 'backfill.cancel', label: 'Cancel this backfill', isDangerous: true },
} as const;

const ABOUT: Record<keyof typeof STEER, string> = {
  pause: 'It pauses after the batch that is running. What it has started goes on.',
  resume: 'It goes on where it stands.',
  changeRate: 'From the next batch on it starts so many a minute, at most.',
  cancel:
    'It ends after the batch that is running; what it has started goes on. It can be started anew: what has a kickoff is left alone.',
};

/** The workflow's own limit. */
const FASTEST = 100_000;
const rateSchema = z.coerce.number().int().min(1).max(FASTEST);

/** What may be asked of a backfill that runs. */
export function steerActions({ client }: ConsoleContext): Action[] {
  return (['pause', 'resume', 'changeRate', 'cancel'] as const).map((update) => ({
    ...STEER[update],
    reason: 'required' as const,
    async prepare(on: string, posted: Posted) {
      const found = await readBackfill(client, on, undefined);
      const back = backfillPath(on);
      if ('silent' in found) return { title: on, about: ABOUT[update], back, impossible: found.silent };
      const run = found.answer;
      if (run === undefined) return undefined;
      const rate = 'answer' in run.progress ? String(run.progress.answer.perMinute) : '';
      return {
        title: on,
        about: ABOUT[update],
        back,
        ...(update === 'changeRate' && {
          fields: (faults: Faults) => rateField(textIn(posted, 'rate') || rate, faults),
        }),
        ...(run.closedAt !== undefined && { impossible: 'It has ended: nothing can be asked of it any more.' }),
      };
    },
    async perform(on: string, posted: Posted, { attempt, reason }: { attempt: string; reason: string }) {
      return await tellWorkflow(client, on, update, inputOf(update, posted, reason), attempt);
    },
  }));
}

function rateField(value: string, faults: Faults) {
  return inputField({
    name: 'rate',
    type: 'number',
    label: 'Started per minute, at most',
    value,
    min: 1,
    max: FASTEST,
    required: true,
    faults,
  });
}

/** @throws {Invalid} */
function inputOf(update: keyof typeof STEER, posted: Posted, reason: string): object | undefined {
  if (update === 'cancel') return { reason };
  if (update !== 'changeRate') return undefined;
  const rate = rateSchema.safeParse(textIn(posted, 'rate'));
  if (!rate.success) throw new Invalid({ rate: 'Give a whole number from 1 to 100,000.' });
  return { perMinute: rate.data };
}
