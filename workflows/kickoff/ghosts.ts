/** People who do not answer: after so many follow-ups without a booking the CSM is told, and later their manager. */
import type { KickoffPolicy } from '../../config/policy.ts';
import { meetingStatus } from '../meeting/lifecycle.ts';
import type { EscalationStatus } from '../messages.ts';
import { enqueue, type RunName, type StepRun } from '../steps/state.ts';
import type { KickoffState } from './state.ts';

/** The manager of whoever organizes; undefined where none is configured. */
export function managerFor(policy: KickoffPolicy, organizer: string | undefined): string | undefined {
  const own = Object.entries(policy.managerOf ?? {}).find(([csm]) => csm.toLowerCase() === organizer?.toLowerCase());
  return own?.[1] ?? policy.manager;
}

/**
 * Tells of people who do not answer when a follow-up makes up the number, each level once per revision. Without steps of
 * its own the list `on_attention` is run, so that nobody stays untold.
 *
 * @param before how many follow-ups were known
 */
export function escalated(state: KickoffState, before: number, policy: KickoffPolicy): KickoffState {
  const { meeting } = state;
  if (meeting === undefined || isSettled(meetingStatus(meeting))) return state;
  const followUps = meeting.followUpKeys.length;
  // A kickoff that began before this rule has none.
  const levels: [EscalationStatus['level'], number | undefined][] = [
    ['csm', policy.ghostedAfterFollowUps],
    ['manager', policy.managerAfterFollowUps],
  ];
  return levels
    .filter(([, after = 0]) => after > 0 && before < after && after <= followUps)
    .reduce((next, [level]) => tell(next, level, followUps, policy), state);
}

/** What a run of steps is to tell of people who do not answer; undefined for every other run. */
export function escalationOf(state: KickoffState, run: RunName): EscalationStatus | undefined {
  return state.escalations?.find((one) => occurrenceOf(one) === run.occurrence);
}

/** For people, in a sentence. */
export function escalationInWords({ level, to, followUps, since, asked }: EscalationStatus, manager?: string): string {
  const people = asked.length === 0 ? 'the participants' : asked.join(', ');
  const unknown = level === 'manager' && manager === undefined ? ' No manager is configured to be told.' : '';
  const told = level === 'manager' && manager !== undefined ? ` ${to ?? manager} is told as the manager.` : '';
  return `Nobody has booked: SkipUp has sent ${followUps} follow-ups to ${people} since ${since.slice(0, 10)}.${told}${unknown}`;
}

function tell(
  state: KickoffState,
  level: EscalationStatus['level'],
  followUps: number,
  policy: KickoffPolicy,
): KickoffState {
  const organizer = state.resolution?.organizer?.email;
  const to = level === 'manager' ? (managerFor(policy, organizer) ?? organizer) : organizer;
  const escalation: EscalationStatus = {
    level,
    ...(to !== undefined && { to }),
    followUps,
    since: state.requestedAt ?? state.request?.firstTriedAt ?? '',
    revision: state.revision,
    asked: (state.resolution?.participants ?? []).map(({ name, email }) => name ?? email),
  };
  const occurrence = occurrenceOf(escalation);
  const run = (list: StepRun['list']): StepRun => ({ list, occurrence, revision: state.revision });
  const isSpokenFor = (policy.steps.on_ghosted ?? []).length > 0;
  const known = { ...state, escalations: [...(state.escalations ?? []), escalation] };
  if (isSpokenFor) return enqueue(known, [run('on_ghosted')]);
  return enqueue(known, policy.steps.on_attention.length === 0 ? [] : [run('on_attention')]);
}

function occurrenceOf({ revision, level }: EscalationStatus): string {
  return `${revision}.${level}`;
}

function isSettled(status: ReturnType<typeof meetingStatus>): boolean {
  return status === 'booked' || status === 'cancelled';
}
