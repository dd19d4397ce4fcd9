import type { RecoveryRow } from '../database/index.ts';
import type { PossibleCommand, RecoveryStatus } from '../workflows/messages.ts';
import { aligned } from './aligned.ts';
import { listed } from './people-text.ts';
import { inMinutes, printable } from './printable.ts';

/** How a recovery stands, for a terminal: first what it waits for and needs, at the end what can be done. */
export function leadText(status: RecoveryStatus): string {
  const { request, steps, organizer, company } = status;
  const waiting = printable(status.waitingFor).replace(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, inMinutes);
  return [
    `${printable(status.leadName)}${company === undefined ? '' : `, ${printable(company)}`}: ${status.phase}`,
    `Lead ${printable(status.leadId)}${status.attempt > 1 ? `, attempt ${status.attempt}` : ''}`,
    `Waits for ${waiting}`,
    ...listed('Needs', status.needs),
    ...(organizer === undefined
      ? []
      : [`Organizer: ${printable(organizer.name ?? organizer.email)}, from ${printable(organizer.from)}`]),
    ...(request === undefined
      ? []
      : [
          `Request: ${request.id ?? 'not yet known'} (${request.status}) under ${printable(request.key)}`,
          `Window: ${inMinutes(request.timeframe.start)} to ${inMinutes(request.timeframe.end)}`,
        ]),
    ...listed(
      'Steps',
      steps.map(({ id, state, detail }) => `${id}: ${state}${detail === undefined ? '' : ` · ${detail}`}`),
    ),
    ...(status.commands.length === 0
      ? []
      : ['You can:', aligned(status.commands.map((command) => ['', onCommandLine(command, status), command.about]))]),
  ].join('\n');
}

/** One line for a list; it names nobody. */
export function leadLine(row: RecoveryRow): string {
  const attempt = row.attempt > 1 ? `, attempt ${row.attempt}` : '';
  const why = row.needs[0] ?? row.reason ?? '';
  return `${printable(row.workflow_id)}  ${row.phase}${attempt}${why === '' ? '' : `  ${printable(why)}`}`;
}

const AS_COMMAND: Record<string, string> = {
  cancel: 'cancel --reason "…"',
  changeOrganizer: 'change-organizer --email "…"',
  pause: 'pause',
  resume: 'resume',
  proceed: 'proceed',
  retryStep: 'retry-step --step',
  skipStep: 'skip-step --reason "…" --step',
};

function onCommandLine({ name, example }: PossibleCommand, { workflowId }: RecoveryStatus): string {
  const command = AS_COMMAND[name];
  if (command === undefined) return `Temporal UI, update ${name}`;
  const step = example !== undefined && 'id' in example && typeof example.id === 'string' ? ` ${example.id}` : '';
  return `kickoff leads ${command}${step} ${printable(workflowId)}`;
}
