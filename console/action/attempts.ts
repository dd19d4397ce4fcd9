import { setTimeout as after } from 'node:timers/promises';
import {
  type AuditAttempt,
  type AuditOutcome,
  findAttempt,
  recordAnswered,
  recordAsked,
} from '../../database/index.ts';
import type { ConsoleContext } from '../context.ts';
import type { Viewer } from '../visit.ts';
import { type Action, type Faults, Invalid, type Posted, Refused, Unanswered } from './action.ts';
import { loggedInput } from './logged-input.ts';

/** A page is not kept waiting for longer; what is done goes on. A workflow's answer is waited for for 30 s. */
const PATIENCE_MS = 45_000;

/** Something to be done, once. */
export interface Attempt {
  /** A UUID: the form's own. */
  attempt: string;
  action: Pick<Action, 'name' | 'perform' | 'unlogged'>;
  on: string;
  posted: Posted;
  by: Viewer;
  /** IANA zone in which they read and write times. */
  zone: string;
  reason: string;
  /** The bulk action that it is part of. */
  bulk?: string | undefined;
}

/** What became of an attempt. */
export interface Made {
  /** Undefined: not answered yet. */
  outcome: AuditOutcome | undefined;
  sentence: string;
  /** The page to go to, where that is another than the action named before. */
  back?: string | undefined;
  /** What was wrong with the fields; only of one that was made just now. */
  faults?: Faults;
}

/** The attempt's id stands in the log for something else: its form was tampered with, or written by hand. */
export class AttemptTaken extends Error {
  override readonly name = 'AttemptTaken';
  readonly code = 'attempt_taken';
  readonly statusCode = 409;
}

export interface Attempts {
  /**
   * @returns what became of the attempt when it was made before; undefined when it was not
   * @throws {AttemptTaken}
   */
  find(attempt: Attempt): Promise<Made | undefined>;
  /**
   * Does something, and writes down that it was asked for (before) and what came of it (after). An attempt that has been made
   * is not made again: its answer is given again.
   *
   * @throws {AttemptTaken}
   */
  make(attempt: Attempt): Promise<Made>;
  /**
   * Makes an attempt of which it is not known what came of it, again: only for what is done once however often it is sent,
   * as an update of a workflow is.
   */
  makeAgain(attempt: Attempt): Promise<Made>;
  /**
   * Writes down what was not even begun.
   *
   * @returns false when the attempt is being made, or has been: its answer stands
   */
  refuse(refused: Omit<Attempt, 'posted' | 'zone'>, sentence: string): Promise<boolean>;
}

/** @param patienceMs how long an answer is waited for */
export function createAttempts(
  { database: { db }, logger }: Pick<ConsoleContext, 'database' | 'logger'>,
  patienceMs = PATIENCE_MS,
): Attempts {
  /** What is under way in this process, by attempt. */
  const running = new Map<string, Promise<Made>>();

  async function carryOut(attempt: Attempt): Promise<Made> {
    const made = await outcomeOf(attempt, logger);
    try {
      await recordAnswered(db, {
        ...whoAndWhat(attempt),
        outcome: made.outcome,
        answer: made.sentence,
        back: made.back,
      });
    } catch (error) {
      // It has been done, and the log cannot say so: then at least this one does.
      const { name } = attempt.action;
      logger.error(
        { err: error, attempt: attempt.attempt, action: name, target: attempt.on, outcome: made.outcome },
        'what came of an action could not be written to the audit log',
      );
    }
    return made;
  }

  async function start(attempt: Attempt): Promise<Made> {
    const doing = carryOut(attempt).finally(() => running.delete(attempt.attempt));
    running.set(attempt.attempt, doing);
    return await inTime(doing, patienceMs);
  }

  const find: Attempts['find'] = async (attempt) => {
    const known = await findAttempt(db, attempt.attempt);
    if (known === undefined) return undefined;
    if (!isSame(known, attempt)) {
      throw new AttemptTaken('This form has been used for something else already. Open its page again');
    }
    const doing = running.get(attempt.attempt);
    return doing === undefined || known.outcome !== null ? answerOf(known) : await inTime(doing, patienceMs);
  };

  const make: Attempts['make'] = async (attempt) => {
    const { action, reason, posted } = attempt;
    const input = loggedInput(posted, action.unlogged);
    if (await recordAsked(db, { ...whoAndWhat(attempt), reason, input })) return await start(attempt);
    return (await find(attempt)) ?? NOT_YET;
  };

  return {
    find,
    make,
    async makeAgain(attempt) {
      const made = await make(attempt);
      return made.outcome === undefined && !running.has(attempt.attempt) ? await start(attempt) : made;
    },
    async refuse(refused, sentence) {
      const who = whoAndWhat(refused);
      if (!(await recordAsked(db, { ...who, reason: refused.reason }))) return false;
      return await recordAnswered(db, { ...who, outcome: 'refused', answer: sentence });
    },
  };
}

/** An attempt as the log has it, in words. */
export function answerOf({ outcome, answer, back }: Pick<AuditAttempt, 'outcome' | 'answer' | 'back'>): Made {
  return outcome === null
    ? NOT_YET
    : { outcome, sentence: answer ?? '', ...(back === null || back === undefined ? {} : { back }) };
}

const NOT_YET: Made = {
  outcome: undefined,
  sentence: 'Not answered yet. Load this page again in a while; the audit log says what came of it.',
};

async function outcomeOf(
  attempt: Attempt,
  logger: ConsoleContext['logger'],
): Promise<Made & { outcome: AuditOutcome }> {
  const { action, on, posted, by, reason, zone } = attempt;
  try {
    const answer = await action.perform(on, posted, { attempt: attempt.attempt, by, reason, zone });
    return typeof answer === 'string' ? { outcome: 'done', sentence: answer } : { outcome: 'done', ...answer };
  } catch (error) {
    if (error instanceof Invalid) return { outcome: 'refused', sentence: error.message, faults: error.faults };
    if (error instanceof Refused) return { outcome: 'refused', sentence: error.message };
    if (error instanceof Unanswered) return { outcome: 'failed', sentence: error.message };
    logger.error({ err: error, attempt: attempt.attempt, action: action.name, target: on }, 'an action failed');
    return {
      outcome: 'failed',
      sentence: 'It failed; the server’s log has the reason. Look how it stands before you do it again.',
    };
  }
}

async function inTime(doing: Promise<Made>, patienceMs: number): Promise<Made> {
  const answered = new AbortController();
  try {
    return await Promise.race([doing, after(patienceMs, NOT_YET, { signal: answered.signal })]);
  } finally {
    answered.abort();
  }
}

function isSame(known: AuditAttempt, { action, on, by, bulk }: Attempt): boolean {
  if (known.action !== action.name || known.target !== on) return false;
  // Whoever goes on with a bulk action need not be the one who began it.
  return bulk === undefined ? known.subject === by.subject : known.bulk === bulk;
}

function whoAndWhat({ attempt, by, action, on, bulk }: Omit<Attempt, 'posted' | 'reason' | 'zone'>) {
  const { subject, name, role } = by;
  return { attempt, subject, name, role, action: action.name, target: on, bulk };
}
