import type { KickoffStatus } from '../../workflows/messages.ts';
import { actionButton } from '../action/button.ts';
import { html, type Markup } from '../page/html.ts';
import type { Visit } from '../visit.ts';
import { KICKOFF_ACTIONS, type KickoffCommand } from './actions.ts';

/** What may be done to the whole kickoff, in the order of its buttons: what it waits for first, what ends it last. */
const OF_KICKOFF = [
  'proceed',
  'resume',
  'pause',
  'replaceParticipants',
  'changeOrganizer',
  'updateContext',
  'cancel',
] as const satisfies KickoffCommand[];

/** The buttons for what the kickoff takes as it stands now; nothing for those who may only look. */
export function commandButtons(visit: Visit, status: KickoffStatus): Markup | undefined {
  const possible = new Set(status.commands.map(({ name }) => name));
  const buttons = OF_KICKOFF.filter((name) => possible.has(name)).flatMap(
    (name) => actionButton(visit, KICKOFF_ACTIONS[name], status.workflowId) ?? [],
  );
  return buttons.length === 0 ? undefined : html`<p class="actions">${buttons.map((button) => html`${button} `)}</p>`;
}

/** The two ways to settle a failed step. */
export function stepButtons(visit: Visit, workflowId: string, id: string): Markup | undefined {
  const retry = actionButton(visit, KICKOFF_ACTIONS.retryStep, workflowId, { id });
  const skip = actionButton(visit, KICKOFF_ACTIONS.skipStep, workflowId, { id });
  return retry && skip && html`<span class="actions">${retry} ${skip}</span>`;
}

/** What is done elsewhere, and stands in a kickoff's timeline all the same. */
const OTHERS: Record<string, string> = { 'start.dispatch': 'Start this kickoff' };

/** What an action of the audit log was, in words; one that is not a kickoff's as it is called. */
export function actionWords(action: string): string {
  return Object.values(KICKOFF_ACTIONS).find(({ name }) => name === action)?.label ?? OTHERS[action] ?? action;
}
