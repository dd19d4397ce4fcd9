/** What a person may send a kickoff as it stands, each with an input that its validator accepts. */
import type { PossibleCommand } from '../messages.ts';
import { hasFailed } from '../steps/state.ts';
import { type Command, problemsOf } from './commands.ts';
import type { KickoffState } from './state.ts';

const ABOUT: Record<Command['name'], string> = {
  proceed: 'reads deal and registry again and goes on, without whoever may be missing',
  changeOrganizer: 'another member of the SkipUp workspace invites',
  replaceParticipants: 'cancels the request, if there is one, and asks these people, or those of the registry, instead',
  updateContext: 'changes title, purpose, description, length or window',
  pause: 'SkipUp writes to nobody until it is resumed',
  resume: 'goes on with the scheduling',
  retryStep: 'runs a failed step again',
  skipStep: 'lets a failed step go',
  cancel: 'ends the kickoff and its meeting request',
};

/** @returns the commands that the validators would let through now; none once the kickoff has closed */
export function possibleCommands(state: KickoffState): PossibleCommand[] {
  if (state.closed) return [];
  return examplesFor(state)
    .filter((command) => problemsOf(command, state).length === 0)
    .map((command) => ({
      name: command.name,
      about: aboutOf(command, state),
      ...('input' in command ? { example: command.input } : {}),
    }));
}

function aboutOf({ name }: Command, { between, revision }: KickoffState): string {
  return name === 'proceed' && between !== undefined
    ? `schedules the kickoff anew, as revision ${revision + 1}, with a window of its own`
    : ABOUT[name];
}

function examplesFor(state: KickoffState): Command[] {
  const { peopleChanged, replacement } = state;
  const isRegistryAhead = peopleChanged !== undefined && replacement === undefined;
  const id = state.steps.findLast(hasFailed)?.id ?? '';
  return [
    { name: 'proceed' },
    { name: 'changeOrganizer', input: { email: 'colleague@yourcompany.example' } },
    {
      name: 'replaceParticipants',
      input: isRegistryAhead
        ? { fromRegistry: true, reason: 'the registry has changed' }
        : {
            participants: [
              { email: 'lead@customer.example', name: 'Lee Ad', roles: ['project_lead'], timezone: 'America/New_York' },
            ],
            reason: 'a smaller round',
          },
    },
    { name: 'updateContext', input: { title: 'Implementation kickoff', durationMinutes: 45 } },
    { name: 'pause' },
    { name: 'resume' },
    { name: 'retryStep', input: { id } },
    { name: 'skipStep', input: { id, reason: 'done by hand' } },
    { name: 'cancel', input: { reason: 'postponed by the customer', notify: false } },
  ];
}
