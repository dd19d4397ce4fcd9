import type { Step, StepRetry } from '../../config/policy.ts';

/** How often and how long something is tried: once or more as a local activity, then as a regular one. */
export interface Attempts {
  /** None: a regular activity from the start. */
  local?: { attempts: number; firstMs: number };
  /** Waited between the two. */
  pauseMs: number;
  /** None: the local attempts were all. */
  regular: { attempts?: number; firstMs: number; mostMs: number; forMs: number };
  /** How long one regular attempt may take. Left out: 20 s. */
  attemptMs?: number;
  /** After so long without a word from a regular attempt, its worker is taken for dead. Left out: never. */
  heartbeatMs?: number;
}

/** What holds where a step says nothing: after two days of failure a person is told, and can retry. */
export const UNLESS_SAID: Attempts = {
  local: { attempts: 3, firstMs: 250 },
  pauseMs: 0,
  regular: { firstMs: 2_000, mostMs: 300_000, forMs: 2 * 86_400_000 },
};

/** What waits for it is that people are told of the cancellation. */
export const UNDOING: Attempts = { ...UNLESS_SAID, regular: { ...UNLESS_SAID.regular, forMs: 15 * 60_000 } };

const LEAST_MS = 1_000;

/**
 * A step's own rule. One attempt is local, and quick when it works; the waits that were asked for lie between it and the
 * regular ones. A single attempt is a regular one: a local one has four seconds only.
 *
 * @param unlessSaid for what the rule leaves open, and where there is none
 */
export function attemptsFor(retry: StepRetry | undefined, unlessSaid: Attempts = UNLESS_SAID): Attempts {
  if (retry === undefined) return unlessSaid;
  const { attempts, firstSeconds, mostMinutes, forHours } = retry;
  const first = firstSeconds === undefined ? unlessSaid.regular.firstMs : firstSeconds * 1_000;
  const mostMs = Math.max(mostMinutes === undefined ? unlessSaid.regular.mostMs : mostMinutes * 60_000, LEAST_MS);
  const firstMs = Math.min(Math.max(first, LEAST_MS), mostMs);
  const forMs = forHours === undefined ? unlessSaid.regular.forMs : forHours * 3_600_000;
  if (attempts === 1) return { pauseMs: 0, regular: { attempts, firstMs, mostMs, forMs } };
  return {
    local: { attempts: 1, firstMs },
    pauseMs: firstMs,
    regular: {
      ...(attempts === undefined ? {} : { attempts: attempts - 1 }),
      firstMs: Math.min(firstMs * 2, mostMs),
      mostMs,
      forMs: Math.max(forMs - firstMs, LEAST_MS),
    },
  };
}

/** Systems that may take their time over a call: `stepCalls.timeoutSeconds` is up to two minutes, and so is a mail server. */
const UNHURRIED = new Set<Step['kind']>(['email', 'http', 'linear_project', 'own']);
const UNHURRIED_MS = 150_000;

/**
 * Of these a repetition can make something twice. A local activity has four seconds, which a mail server that looks through
 * a message needs for its answer alone.
 */
const NEVER_LOCAL = new Set<Step['kind']>(['email', 'own']);

/**
 * Steps speak every two seconds, and hear with it that they are to end: 8 s late at most, because the SDK passes on what is
 * said at four fifths of this. Shorter, and a worker without breath would send the same mail again.
 */
const HEARTBEAT_MS = 10_000;

/** How often and how long a step is tried: by its own rule, and by its kind. */
export function attemptsOf(
  { kind, retry }: Pick<Step, 'kind' | 'retry'>,
  unlessSaid: Attempts = UNLESS_SAID,
): Attempts {
  const { local, pauseMs, regular } = attemptsFor(retry, unlessSaid);
  const patience = { heartbeatMs: HEARTBEAT_MS, ...(UNHURRIED.has(kind) && { attemptMs: UNHURRIED_MS }) };
  if (local === undefined || !NEVER_LOCAL.has(kind)) return { ...(local && { local }), pauseMs, regular, ...patience };
  const { attempts, firstMs, mostMs, forMs } = regular;
  return {
    pauseMs: 0,
    regular: {
      ...(attempts === undefined ? {} : { attempts: attempts + local.attempts }),
      firstMs: pauseMs > 0 ? pauseMs : firstMs,
      mostMs,
      forMs: forMs + pauseMs,
    },
    ...patience,
  };
}
