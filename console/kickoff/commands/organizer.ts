import { activeSkipupMembers } from '../../../database/index.ts';
import { type Faults, Invalid, type Posted } from '../../action/action.ts';
import { inputField } from '../../action/field.ts';
import { textIn } from '../../action/posted.ts';
import type { ConsoleContext } from '../../context.ts';
import { html } from '../../page/html.ts';
import { isolated } from '../../page/link.ts';
import type { CommandDetails } from './command.ts';

const EMAIL = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;
const LONGEST = 254;
/** Proposed while one types; a workspace has seldom more. */
const PROPOSALS = 200;

/** Another member of the SkipUp workspace invites. */
export function organizerCommand({ database }: Pick<ConsoleContext, 'database'>): CommandDetails {
  return {
    command: 'changeOrganizer',
    about: ({ status }) =>
      status?.organizer !== undefined &&
      html`<p>Now: ${isolated(status.organizer.name ?? status.organizer.email)}, ${isolated(status.organizer.email)}</p>`,
    async fields(_standing, posted) {
      const choices = await activeSkipupMembers(database.db, PROPOSALS);
      return (faults) => organizerField(posted, faults, choices);
    },
    input(posted) {
      const faults = organizerFaults(posted);
      if (Object.keys(faults).length > 0) throw new Invalid(faults);
      return { email: textIn(posted, 'email') };
    },
    bulk: {
      title: (count) => `Change the organizer of ${count === 1 ? '1 kickoff' : `${count} kickoffs`}`,
      about: 'Somebody else invites to each of them.',
      fields: (posted, faults) => organizerField(posted, faults, []),
      check: organizerFaults,
    },
  };
}

function organizerField(posted: Posted, faults: Faults, choices: readonly string[]) {
  return inputField({
    name: 'email',
    type: 'email',
    label: 'E-mail address of the new organizer',
    hint: 'An active member of the SkipUp workspace.',
    value: textIn(posted, 'email'),
    required: true,
    maxLength: LONGEST,
    choices,
    faults,
  });
}

function organizerFaults(posted: Posted): Faults {
  const email = textIn(posted, 'email');
  if (email === '') return { email: 'Name the new organizer’s e-mail address.' };
  return email.length <= LONGEST && EMAIL.test(email) ? {} : { email: `“${email}” is no e-mail address.` };
}
