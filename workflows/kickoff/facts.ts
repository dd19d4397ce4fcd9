import type { StepFacts } from '../../activities/contract.ts';
import type { KickoffInput } from '../messages.ts';
import type { StepRun } from '../steps/state.ts';
import { needsOf } from './deal-change.ts';
import { escalationInWords, escalationOf, managerFor } from './ghosts.ts';
import { type Former, type KickoffState, requestStatus } from './state.ts';
import { reminderInWords } from './window.ts';

/** What the steps of a run may name in their texts. A run may be about the revision before, when its meeting was called off. */
export function factsFor({ deal, policy }: KickoffInput, state: KickoffState, run: StepRun): StepFacts {
  const { resolution, former } = state;
  const about: Pick<KickoffState, 'request' | 'meeting'> & Pick<Former, 'reason'> =
    former !== undefined && run.revision === former.revision ? former : state;
  const { request, meeting, reason } = about;
  const manager = managerFor(policy, resolution?.organizer?.email);
  const escalation = escalationOf(state, run);
  const left = leftOf(state, run);
  return {
    vendor: policy.vendor,
    deal,
    ...(resolution?.organizer && { organizer: resolution.organizer }),
    participants: resolution?.participants ?? [],
    meeting: {
      followUps: meeting?.followUpKeys.length ?? 0,
      ...(request && { key: request.key, timeframe: request.timeframe, status: requestStatus(about) }),
      ...(meeting && { requestId: meeting.requestId }),
      ...(meeting?.bookedAt && { bookedAt: meeting.bookedAt }),
      ...(meeting?.calendarEventId && { calendarEventId: meeting.calendarEventId }),
    },
    needs: [...noticesOf(state, run, manager), ...needsOf(state)],
    ...(reason && { reason }),
    ...(manager !== undefined && { manager }),
    ...(escalation && { escalation: told(escalation) }),
    ...(left.length > 0 && { left }),
  };
}

/** What a run of the list `on_attention` tells beside what a person must settle. */
function noticesOf(state: KickoffState, run: StepRun, manager: string | undefined): string[] {
  const escalation = escalationOf(state, run);
  const reminder = reminderInWords(state, run.occurrence);
  return [
    ...(escalation === undefined ? [] : [escalationInWords(escalation, manager)]),
    ...(reminder === undefined ? [] : [reminder]),
  ];
}

/** What the revision's steps made and what could not be taken back, in words. */
function leftOf({ steps, revision, former }: KickoffState, run: StepRun): string[] {
  const which = run.revision ?? former?.revision ?? revision;
  return steps
    .filter((step) => step.state === 'left' && step.revision === which)
    .map(({ id, detail }) => `${id}: ${detail ?? ''}`);
}

function told({
  level,
  to,
  followUps,
  since,
}: NonNullable<StepFacts['escalation']>): NonNullable<StepFacts['escalation']> {
  return { level, ...(to !== undefined && { to }), followUps, since };
}
