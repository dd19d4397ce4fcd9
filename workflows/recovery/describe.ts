/** A recovery's state in words: for the status query, for the Temporal UI, for whoever wonders what it is waiting for. */
import { inCode, inMinutes, inText, link, section } from '../markdown.ts';
import type { RecoveryInput, RecoveryStatus } from '../messages.ts';
import { heldSteps, stepsSettled } from '../steps/state.ts';
import { possibleCommands } from './commands.ts';
import { elsewhereInWords, isCallOffWanted, needsOf, type RecoveryState, requestStatus } from './state.ts';

export function describe(
  workflowId: string,
  input: RecoveryInput,
  state: RecoveryState,
  waitsUntil: string,
): RecoveryStatus {
  const { lead, prepared, request, meeting } = state;
  return {
    workflowId,
    phase: state.phase,
    leadId: lead.id,
    leadName: lead.name ?? lead.email,
    ...(lead.company === undefined ? {} : { company: lead.company }),
    attempt: input.attempt,
    waitingFor: waitingFor(state, waitsUntil),
    needs: [...needsOf(state), ...heldSteps(state).map((step) => `Step ${step.id} failed: ${step.detail ?? ''}`)],
    ...(prepared?.organizer && { organizer: prepared.organizer }),
    ...(request && {
      request: {
        key: request.key,
        status: requestStatus(state),
        followUps: meeting?.followUpKeys.length ?? 0,
        timeframe: request.timeframe,
        ...(meeting && { id: meeting.requestId }),
        ...(meeting?.bookedAt && { bookedAt: meeting.bookedAt }),
        ...(meeting?.cancelledAt && { cancelledAt: meeting.cancelledAt }),
      },
    }),
    steps: state.steps.map(({ id, list, kind, state: stepState, detail, url }) => ({
      id,
      list,
      kind,
      state: stepState,
      ...(detail === undefined ? {} : { detail }),
      ...(url === undefined ? {} : { url }),
    })),
    commands: possibleCommands(state),
  };
}

export function waitingFor(state: RecoveryState, waitsUntil: string): string {
  if (state.closed) return 'nothing: it is closed';
  if (isCallOffWanted(state)) return 'SkipUp to cancel the meeting request: the lead has booked by itself';
  switch (state.phase) {
    case 'waiting':
      return `the lead to book by itself, until ${waitsUntil}`;
    case 'checking':
      return 'the CRM to say whether the lead has a meeting';
    case 'needs_attention':
      return 'a person: settle what is listed under needs, then send the update `proceed`';
    case 'requesting':
      return 'SkipUp to accept the meeting request';
    case 'scheduling':
      return `SkipUp to book a time before ${state.request?.timeframe.end ?? 'the window ends'}`;
    case 'paused':
      return 'somebody to resume the scheduling';
    case 'booked':
      if (heldSteps(state).length > 0) return 'a person: retry or skip the failed step';
      if (!stepsSettled(state)) return 'the steps for booked';
      return `a late cancellation, until ${state.closesAt ?? 'the window has passed'}`;
    case 'booked_elsewhere':
    case 'cancelled':
    case 'expired':
    case 'opted_out':
    case 'failed':
      if (heldSteps(state).length > 0) return 'a person: retry or skip the failed step';
      return stepsSettled(state) ? 'nothing more' : `the steps for ${state.phase}`;
  }
}

/** How it stands, as the Markdown that the Temporal UI shows under "current details". */
export function details(status: RecoveryStatus, input: RecoveryInput, state: RecoveryState): string {
  const { lead, elsewhere, reason } = state;
  const company = status.company === undefined ? '' : ` · ${inText(status.company)}`;
  const attempt = status.attempt > 1 ? ` · attempt ${status.attempt}` : '';
  const { organizer, request } = status;
  return [
    `**${status.phase}** · waits for ${status.waitingFor.replace(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, inMinutes)}`,
    '',
    `${link(status.leadName, lead.url)}${company} · lead ${inCode(status.leadId)}${attempt}`,
    '',
    `${inText(input.form.name)}, ${inMinutes(input.form.submittedAt)}`,
    ...section('Needs', status.needs.map(inText), 20),
    ...section('Why', reason === undefined ? [] : [inText(reason)]),
    ...section('Booked by itself', elsewhere === undefined ? [] : [inText(elsewhereInWords(elsewhere))]),
    ...section(
      'Meeting request',
      request === undefined
        ? []
        : [
            `${request.id === undefined ? 'not yet known' : inCode(request.id)} · ${inText(request.status)} · key ${inCode(request.key)}`,
            `window ${inMinutes(request.timeframe.start)} to ${inMinutes(request.timeframe.end)}`,
            ...(organizer === undefined
              ? []
              : [`organizer ${inText(organizer.name ?? organizer.email)} · from ${inText(organizer.from)}`]),
            ...(request.followUps > 0
              ? [`${request.followUps} ${request.followUps === 1 ? 'follow-up' : 'follow-ups'} sent`]
              : []),
            ...(request.bookedAt === undefined ? [] : [`booked at ${inMinutes(request.bookedAt)}`]),
            ...(request.cancelledAt === undefined ? [] : [`cancelled at ${inMinutes(request.cancelledAt)}`]),
          ],
    ),
    ...section(
      'Steps',
      status.steps.map(
        ({ id, state: stepState, detail, url }) =>
          `${url === undefined ? inCode(id) : link(id, url)}: ${stepState}${detail === undefined ? '' : ` · ${inText(detail)}`}`,
      ),
    ),
    ...section(
      'What you can send it (“Send Update”)',
      status.commands.map(
        ({ name, about, example }) =>
          `${inCode(name)}, ${about}${example === undefined ? '; no input' : `: ${inCode(JSON.stringify(example))}`}`,
      ),
    ),
  ].join('\n');
}
