import type { KickoffStatus } from '../../workflows/messages.ts';
import { actionButton } from '../action/button.ts';
import { html, type Markup } from '../page/html.ts';
import type { Visit } from '../visit.ts';

/** What may be done to the whole kickoff, in the order of its buttons. */
const COMMANDS = [
  { name: 'proceed', label: 'Proceed' },
  { name: 'resume', label: 'Resume' },
  { name: 'pause', label: 'Pause' },
  { name: 'replaceParticipants', label: 'Replace people' },
  { name: 'changeOrganizer', label: 'Change organizer' },
  { name: 'updateContext', label: 'Change title, text or window' },
  { name: 'cancel', label: 'Cancel this kickoff', isDangerous: true },
] as const;

/** The buttons for what the kickoff takes as it stands now; nothing for those who may only look. */
export function commandButtons(visit: Visit, status: KickoffStatus): Markup | undefined {
  const possible = new Set(status.commands.map(({ name }) => name));
  const buttons = COMMANDS.filter(({ name }) => possible.has(name)).flatMap(
    ({ name, ...looks }) => actionButton(visit, { name: `kickoff.${name}`, ...looks }, status.workflowId) ?? [],
  );
  return buttons.length === 0 ? undefined : html`<p class="actions">${buttons.map((button) => html`${button} `)}</p>`;
}

/** The two ways to settle a failed step. */
export function stepButtons(visit: Visit, workflowId: string, id: string): Markup | undefined {
  const retry = actionButton(visit, { name: 'kickoff.retryStep', label: 'Retry' }, workflowId, { id });
  const skip = actionButton(visit, { name: 'kickoff.skipStep', label: 'Skip' }, workflowId, { id });
  return retry && skip && html`<span class="actions">${retry} ${skip}</span>`;
}

/** What an action of the audit log was, in words; one that is not a kickoff's as it is called. */
export function actionWords(action: string): string {
  if (action === 'kickoff.retryStep') return 'Retry a step';
  if (action === 'kickoff.skipStep') return 'Skip a step';
  return COMMANDS.find(({ name }) => action === `kickoff.${name}`)?.label ?? action;
}
