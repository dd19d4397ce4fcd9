import type { ShortTrail } from '../../registry/model.ts';
import type { KickoffStatus } from '../../workflows/messages.ts';
import type { KickoffRecord } from '../ledger/kickoff-record.ts';
import { listed, roleWords } from './role-words.ts';

/** One person as the registry has judged them. */
export interface Judged {
  email?: string | undefined;
  name?: string | undefined;
  outcome: ShortTrail['outcome'];
  reason: string;
}

/**
 * What the registry has decided about each person: as the workflow tells it, with everybody who was considered; else those
 * whom the ledger has.
 */
export function decisionOf(record: KickoffRecord, why: KickoffStatus['why']): Judged[] {
  if (why !== undefined && why.length > 0)
    return why.map((trail) => ({ ...trail, reason: inWords(trail.reason, record) }));
  const { organizer, participants, excluded } = record;
  return [
    ...(organizer === undefined
      ? []
      : [{ ...organizer, outcome: 'organizer' as const, reason: withSource('invites', organizer.from) }]),
    ...participants.map(({ roles, attendance, from, ...person }): Judged => {
      const as = roles.length === 0 ? 'without a role' : listed(roles.map(roleWords));
      return {
        ...person,
        outcome: 'participant',
        reason: withSource(attendance === undefined ? as : `${attendance}, ${as}`, from),
      };
    }),
    ...excluded.map(
      (person): Judged => ({ ...person, outcome: 'excluded', reason: person.reason ?? 'no reason was recorded' }),
    ),
  ];
}

function withSource(words: string, from: string | undefined): string {
  return from === undefined ? words : `${words}, from ${from}`;
}

/** Roles stand in the reason as the registry calls them. */
function inWords(reason: string, { participants }: KickoffRecord): string {
  const roles = new Set(participants.flatMap((person) => person.roles));
  return [...roles].reduce((text, role) => text.replaceAll(role, roleWords(role)), reason);
}
