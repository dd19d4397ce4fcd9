/** A kickoff's state in words: for the status query, for the Temporal UI, for whoever wonders what it is waiting for. */
import { inCode, inMinutes, inText, link, section } from '../markdown.ts';
import type { EscalationStatus, KickoffInput, KickoffStatus } from '../messages.ts';
import { peopleSections } from '../people.ts';
import { hasFailed, heldSteps, stepsSettled } from '../steps/state.ts';
import { dealInWords, needsOf } from './deal-change.ts';
import { organizerNeeds } from './organizer-left.ts';
import { peopleNeeds } from './people-change.ts';
import { possibleCommands } from './possible-commands.ts';
import { type Former, type KickoffState, requestStatus } from './state.ts';

export function describe(workflowId: string, input: KickoffInput, state: KickoffState): KickoffStatus {
  const { request, meeting, resolution } = state;
  return {
    workflowId,
    phase: state.phase,
    dealId: input.deal.id,
    dealName: input.deal.name,
    ...(input.deal.url === undefined ? {} : { dealUrl: input.deal.url }),
    account: input.deal.account.name,
    revision: state.revision,
    waitingFor: waitingFor(state),
    needs: [...needsOf(state), ...stepNeeds(state)],
    ...(resolution?.organizer && { organizer: resolution.organizer }),
    participants: resolution?.participants ?? [],
    excluded: resolution?.excluded ?? [],
    gaps: resolution?.gaps ?? [],
    ...(resolution?.why && { why: resolution.why }),
    ...(request && {
      request: {
        key: request.key,
        status: requestStatus(state),
        followUps: meeting?.followUpKeys.length ?? 0,
        timeframe: request.timeframe,
        ...(meeting && { id: meeting.requestId }),
        ...(meeting?.bookedAt && { bookedAt: meeting.bookedAt }),
        ...(meeting?.cancelledAt && { cancelledAt: meeting.cancelledAt }),
        ...(meeting?.calendarEventId && { calendarEventId: meeting.calendarEventId }),
      },
    }),
    ...(state.former && { former: formerOf(state.former) }),
    ...(state.escalations && { escalations: state.escalations }),
    steps: state.steps.map(({ id, list, kind, state: stepState, detail, url, past, revision }) => ({
      id,
      list,
      kind,
      state: stepState,
      ...(detail === undefined ? {} : { detail }),
      ...(url === undefined ? {} : { url }),
      ...(past === true && { revision }),
    })),
    commands: possibleCommands(state),
  };
}

/** Failed steps that hold, and what was to be taken back and could not be. */
function stepNeeds(state: KickoffState): string[] {
  return state.steps.flatMap((step) => {
    if (step.undoFailed === true) return [`What step ${step.id} made ${step.detail ?? 'could not be taken back'}`];
    return hasFailed(step) && step.holds ? [`Step ${step.id} failed: ${step.detail ?? ''}`] : [];
  });
}

function formerOf({ revision, reason, meeting }: Former): NonNullable<KickoffStatus['former']> {
  return { revision, ...(reason && { reason }), ...(meeting && { requestId: meeting.requestId }) };
}

export function waitingFor(state: KickoffState): string {
  if (state.closed) return 'nothing: it is closed';
  const { doubt } = state;
  if (doubt?.wanted === 'cancellation') return `SkipUp to cancel the meeting request: ${dealInWords(doubt.change)}`;
  if (doubt !== undefined && state.phase !== 'needs_attention') {
    return `a person to say whether the kickoff goes on; ${waitingInPhase(state)}`;
  }
  if (state.phase !== 'needs_attention' && organizerNeeds(state).length + peopleNeeds(state).length > 0) {
    return `a person to settle what is listed under needs; ${waitingInPhase(state)}`;
  }
  return waitingInPhase(state);
}

function waitingInPhase(state: KickoffState): string {
  switch (state.phase) {
    case 'resolving':
      return 'the CRM and the registry to say who takes part';
    case 'needs_attention':
      if (state.between !== undefined) return 'a person to say whether the kickoff is scheduled anew';
      return 'a person: settle what is listed under needs, then send the update `proceed`';
    case 'requesting':
      return 'SkipUp to accept the meeting request';
    case 'scheduling':
      return `SkipUp to book a time before ${state.request?.timeframe.end ?? 'the window ends'}`;
    case 'paused':
      return 'somebody to resume the scheduling';
    case 'booked':
    case 'onboarding':
      return heldSteps(state).length > 0 ? 'a person: retry or skip the failed step' : 'the onboarding steps';
    case 'done':
      return `a late cancellation, until ${state.closesAt ?? 'the window has passed'}`;
    case 'cancelled':
    case 'expired':
    case 'failed':
      if (heldSteps(state).length > 0) return 'a person: retry or skip the failed step';
      return stepsSettled(state) ? 'nothing more' : `the steps for ${state.phase}`;
  }
}

/** How it stands, as the Markdown that the Temporal UI shows under "current details". */
export function details(status: KickoffStatus): string {
  const revision = status.revision > 1 ? ` · revision ${status.revision}` : '';
  return [
    `**${status.phase}** · waits for ${waitsInMarkdown(status.waitingFor)}`,
    '',
    `${inText(status.account)} · ${link(status.dealName, status.dealUrl)} · deal ${inCode(status.dealId)}${revision}`,
    ...section('Needs', status.needs.map(inText), 20),
    ...requestSection(status),
    ...section('Nobody books', (status.escalations ?? []).map(escalationLine), 10),
    ...peopleSections(status),
    ...section('Steps', status.steps.filter(isPresent).map(stepLine)),
    ...formerSection(status),
    ...section(
      'What you can send it (“Send Update”)',
      status.commands.map(
        ({ name, about, example }) =>
          `${inCode(name)}, ${about}${example === undefined ? '; no input' : `: ${inCode(JSON.stringify(example))}`}`,
      ),
    ),
  ].join('\n');
}

function isPresent({ revision }: KickoffStatus['steps'][number]): boolean {
  return revision === undefined;
}

function stepLine({ id, state, detail, url }: KickoffStatus['steps'][number]): string {
  return `${url === undefined ? inCode(id) : link(id, url)}: ${state}${detail === undefined ? '' : ` · ${inText(detail)}`}`;
}

function escalationLine({ level, to, followUps, since, asked }: EscalationStatus): string {
  const who = level === 'csm' ? 'the CSM' : 'the manager';
  const people = asked.length === 0 ? '' : ` · ${inText(asked.join(', '))}`;
  return `${who}${to === undefined ? '' : ` (${inText(to)})`} was told after ${followUps} follow-ups since ${inMinutes(since)}${people}`;
}

/** The revision before: why it came to nothing, and what became of its steps. */
function formerSection({ former, steps }: KickoffStatus): string[] {
  if (former === undefined) return [];
  const { revision, reason, requestId } = former;
  const request = requestId === undefined ? '' : ` · request ${inCode(requestId)}`;
  return section(`Before: revision ${revision}`, [
    `${inText(reason ?? 'called off')}${request}`,
    ...steps.filter((step) => step.revision === revision).map(stepLine),
  ]);
}

function requestSection({ request }: KickoffStatus): string[] {
  if (request === undefined) return [];
  const { id, status, key, timeframe, followUps, bookedAt, cancelledAt } = request;
  return section('Meeting request', [
    `${id === undefined ? 'not yet known' : inCode(id)} · ${inText(status)} · key ${inCode(key)}`,
    `window ${inMinutes(timeframe.start)} to ${inMinutes(timeframe.end)}`,
    ...(followUps > 0 ? [`${followUps} ${followUps === 1 ? 'follow-up' : 'follow-ups'} sent`] : []),
    ...(bookedAt === undefined ? [] : [`booked at ${inMinutes(bookedAt)}`]),
    ...(cancelledAt === undefined ? [] : [`cancelled at ${inMinutes(cancelledAt)}`]),
  ]);
}

/** Our own words; the names of updates in them are in backticks already, instants are to the minute. */
function waitsInMarkdown(waiting: string): string {
  return waiting.replace(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, inMinutes);
}
