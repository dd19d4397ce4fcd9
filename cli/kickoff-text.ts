import type { EscalationStatus, KickoffStatus, PossibleCommand } from '../workflows/messages.ts';
import { aligned } from './aligned.ts';
import { listed, peopleText } from './people-text.ts';
import { inMinutes, printable } from './printable.ts';

/** How a kickoff stands, for a terminal: first what it waits for and needs, at the end what can be done. */
export function kickoffText(status: KickoffStatus, options: { deal: string; workstream: string }): string {
  const { request, steps, revision } = status;
  return [
    headline(status),
    `Deal ${printable(status.dealId)}, ${printable(status.dealName)}${revision > 1 ? `, revision ${revision}` : ''}`,
    `Waits for ${waiting(status)}`,
    ...listed('Needs', status.needs),
    ...(request === undefined
      ? []
      : [
          `Request: ${request.id ?? 'not yet known'} (${request.status}) under ${printable(request.key)}`,
          `Window: ${inMinutes(request.timeframe.start)} to ${inMinutes(request.timeframe.end)}`,
        ]),
    ...listed('Nobody books', (status.escalations ?? []).map(escalationLine)),
    peopleText(status),
    ...listed('Steps', steps.filter(({ revision: past }) => past === undefined).map(stepLine)),
    ...formerLines(status),
    ...(status.commands.length === 0
      ? []
      : ['You can:', aligned(status.commands.map((command) => ['', onCommandLine(command, options), command.about]))]),
  ].join('\n');
}

type Step = KickoffStatus['steps'][number];

function stepLine({ id, state, detail }: Step): string {
  return `${id}: ${state}${detail === undefined ? '' : ` · ${detail}`}`;
}

function escalationLine({ level, to, followUps, since, asked }: EscalationStatus): string {
  const who = level === 'csm' ? 'the CSM' : 'the manager';
  const people = asked.length === 0 ? '' : ` · ${asked.join(', ')}`;
  return `${who}${to === undefined ? '' : ` (${to})`} was told after ${followUps} follow-ups since ${inMinutes(since)}${people}`;
}

/** The revision before: why it came to nothing, and what became of its steps. */
function formerLines({ former, steps }: KickoffStatus): string[] {
  if (former === undefined) return [];
  const { revision, reason, requestId } = former;
  const request = requestId === undefined ? '' : ` · request ${requestId}`;
  const ofFormer = steps.filter((step) => step.revision === revision);
  return listed(`Before, revision ${revision}`, [`${reason ?? 'called off'}${request}`, ...ofFormer.map(stepLine)]);
}

/** One line for a list of kickoffs. */
export function kickoffLine(status: KickoffStatus, workstream: string): string {
  return `${workstream === '' ? '(no workstream)' : workstream}  ${headline(status)}, waits for ${waiting(status)}`;
}

function headline({ account, phase }: KickoffStatus): string {
  return `${printable(account)}: ${phase}`;
}

function waiting({ waitingFor }: KickoffStatus): string {
  return printable(waitingFor).replace(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, inMinutes);
}

/** The names of the updates that have a command of their own, and how its input is given there. */
const AS_COMMAND: Record<string, string> = {
  cancel: 'cancel --reason "…"',
  pause: 'pause',
  resume: 'resume',
  proceed: 'proceed',
  retryStep: 'retry-step --step',
  skipStep: 'skip-step --reason "…" --step',
};

function onCommandLine({ name, example }: PossibleCommand, { deal, workstream }: { deal: string; workstream: string }) {
  const command = AS_COMMAND[name];
  if (command === undefined) return `Temporal UI, update ${name}`;
  const step = example !== undefined && 'id' in example && typeof example.id === 'string' ? ` ${example.id}` : '';
  return `kickoff ${command}${step} --deal ${deal}${workstream === '' ? '' : ` --workstream ${workstream}`}`;
}
