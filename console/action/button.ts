import { addressOf } from '../page/address.ts';
import { html, type Markup } from '../page/html.ts';
import type { Visit } from '../visit.ts';
import type { Action } from './action.ts';

/**
 * Leads to the page on which an action is confirmed; nothing for those who may only look.
 *
 * @param on what it would be done to
 * @param more further fields of the action, filled in
 */
export function actionButton(
  visit: Visit,
  action: Pick<Action, 'name' | 'label' | 'isDangerous'>,
  on: string,
  more: Record<string, string> = {},
): Markup | undefined {
  if (visit.may !== 'act') return undefined;
  const address = addressOf(`/actions/${action.name}`, { ...more, on });
  return html`<a class="button${action.isDangerous === true && ' danger'}" href="${address}">${action.label}</a>`;
}
