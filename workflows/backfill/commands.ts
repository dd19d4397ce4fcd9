/** What a person may ask of a backfill, when they may, what a wrong request is told, and what a right one is answered. */
import type { CancelCommand, ChangeRateCommand } from '../messages.ts';
import { describe } from './describe.ts';
import type { BackfillEvent, BackfillState } from './state.ts';
import { wordsFor } from './words.ts';

export type BackfillCommand =
  | { name: 'pause' }
  | { name: 'resume' }
  | { name: 'cancel'; input: CancelCommand }
  | { name: 'changeRate'; input: ChangeRateCommand };

const FASTEST = 100_000;

/** Why a command cannot be carried out now, in a sentence; undefined when it can. */
export function problemOf(command: BackfillCommand, state: BackfillState): string | undefined {
  if (state.isOver) return `${command.name} comes too late: the backfill has ended.`;
  if (state.cancelReason !== undefined) return `${command.name} comes too late: the backfill is being cancelled.`;
  switch (command.name) {
    case 'pause':
      return state.isPaused ? 'The backfill is paused already.' : undefined;
    case 'resume':
      return state.isPaused || state.pushBack !== undefined
        ? undefined
        : 'The backfill is not paused: there is nothing to resume.';
    case 'cancel':
      return isReason(command.input?.reason)
        ? undefined
        : 'reason: say why, in 1 to 500 characters: {"reason": "wrong pipeline"}.';
    case 'changeRate': {
      const rate: unknown = command.input?.perMinute;
      if (typeof rate !== 'number' || !Number.isInteger(rate) || rate < 1 || rate > FASTEST) {
        return 'perMinute: a whole number from 1 to 100,000: {"perMinute": 60}.';
      }
      return rate === state.perMinute ? `The backfill starts ${rate} a minute already.` : undefined;
    }
  }
}

/** What a command means, and the sentence that it is answered with. */
export function carryOut(command: BackfillCommand, state: BackfillState): { event: BackfillEvent; answer: string } {
  switch (command.name) {
    case 'pause': {
      const batch = state.page !== undefined && state.pushBack === undefined;
      const answer = batch ? 'The backfill pauses after the batch that is running.' : 'The backfill is paused.';
      return { event: { type: 'paused' }, answer: `${answer} ${soFar(state)}` };
    }
    case 'resume':
      return { event: { type: 'resumed' }, answer: `The backfill goes on. ${soFar(state)}` };
    case 'cancel': {
      const answer = `The backfill is cancelled; ${wordsFor(state.plan).startsMany} that it has started go on. ${soFar(state)}`;
      return { event: { type: 'cancelled', reason: command.input.reason.trim() }, answer };
    }
    case 'changeRate': {
      const { perMinute } = command.input;
      return { event: { type: 'rate_changed', perMinute }, answer: `From the next batch on: ${perMinute} a minute.` };
    }
  }
}

function soFar(state: BackfillState): string {
  const { scanned, started, failed } = describe(state);
  return `So far: scanned ${scanned}, started ${started}, failed ${failed}.`;
}

function isReason(reason: unknown): boolean {
  return typeof reason === 'string' && reason.trim() !== '' && reason.length <= 500;
}
