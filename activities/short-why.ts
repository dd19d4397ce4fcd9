import type { PersonTrail, ShortTrail } from '../registry/model.ts';
import { cut } from './cut.ts';

/** So many people are told of in a history; a registry of hundreds would fill it. */
const MOST = 60;
const REASON_LIMIT = 120;
const NAME_LIMIT = 80;

/** For each person why they are in or out, without the entries that were considered: short enough to be kept in a history. */
export function shortWhy(why: readonly PersonTrail[]): ShortTrail[] {
  return why.slice(0, MOST).map(({ email, name, outcome, reason }) => ({
    ...(email === undefined ? {} : { email }),
    ...(name === undefined ? {} : { name: cut(name, NAME_LIMIT) }),
    outcome,
    reason: cut(reason, REASON_LIMIT),
  }));
}
