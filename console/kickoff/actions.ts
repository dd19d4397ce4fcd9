/** What a person may do to a kickoff. */
export { isKickoffCommand, KICKOFF_ACTIONS, type KickoffCommand } from './commands/names.ts';
