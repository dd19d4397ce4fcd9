import type { Action } from '../action/action.ts';
import type { ConsoleContext } from '../context.ts';
import { commandAction } from './commands/command.ts';
import { contextCommand } from './commands/context.ts';
import { organizerCommand } from './commands/organizer.ts';
import { peopleCommand } from './commands/people.ts';
import { SCHEDULING_COMMANDS } from './commands/scheduling.ts';
import { stepCommands } from './commands/steps.ts';

export { KICKOFF_ACTIONS, type KickoffCommand } from './commands/names.ts';

/**
 * What a person may do to a kickoff. Each is an update of its workflow: the kickoff says what it takes now, and answers in
 * words.
 */
export function kickoffActions(context: ConsoleContext): Action[] {
  const commands = [
    ...SCHEDULING_COMMANDS,
    organizerCommand(context),
    contextCommand,
    peopleCommand,
    ...stepCommands(context),
  ];
  return commands.map((details) => commandAction(context, details));
}
