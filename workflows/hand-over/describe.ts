/** How a hand-over stands: for the status query and for the Temporal UI. */
import { inCode, inText, section } from '../markdown.ts';
import type { HandOverStatus } from '../messages.ts';
import { type HandOverState, isHandable, stillOpen } from './state.ts';

export function describe(state: HandOverState): HandOverStatus {
  return { email: state.email, open: stillOpen(state), done: state.done, waitingFor: waitingFor(state) };
}

function waitingFor(state: HandOverState): string {
  if (!state.isListed) return 'the ledger to say what they organize';
  return stillOpen(state).some(isHandable)
    ? 'a person to send the update `handOver`'
    : 'nothing: nothing is left to hand over';
}

/** Markdown. */
export function details(status: HandOverStatus, state: HandOverState): string {
  const open = status.open.filter(isHandable);
  const booked = status.open.filter((meeting) => !isHandable(meeting));
  const example = JSON.stringify({ to: 'colleague@yourcompany.example', reason: state.reason.slice(0, 100) });
  const line = ({ workflowId, account, phase }: HandOverStatus['open'][number]) =>
    `${inText(account)} · ${phase} · ${inCode(workflowId)}`;
  return [
    `**${inText(status.email)}** organizes ${open.length} that need somebody else · waits for ${status.waitingFor}`,
    '',
    `${inText(state.reason)}${state.told === undefined ? '' : ` · ${inText(state.told)}`}`,
    ...section('To be handed over', open.map(line)),
    ...section('Booked already: see to the calendar', booked.map(line), 20),
    ...section(
      state.to === undefined ? 'Handed over' : `Handed over, last to ${inText(state.to)}`,
      status.done.map(({ workflowId, ok, message }) => `${ok ? '✔' : '✖'} ${inCode(workflowId)}: ${inText(message)}`),
    ),
    ...section('Did not work', state.trouble === undefined ? [] : [inText(state.trouble)]),
    ...section(
      'What you can send it (“Send Update”)',
      open.length === 0 ? [] : [`${inCode('handOver')}, names another organizer for all of them: ${inCode(example)}`],
    ),
  ].join('\n');
}
