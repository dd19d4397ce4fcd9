import type { Action } from '../action/action.ts';
import type { ConsoleContext } from '../context.ts';
import { leadCommands } from './commands.ts';
import { optOutActions } from './opt-out.ts';
import { takeUpAction } from './take-up.ts';

/** What a person may do about leads. */
export function leadActions(context: ConsoleContext): Action[] {
  return [takeUpAction(context), ...leadCommands(context), ...optOutActions(context)];
}
