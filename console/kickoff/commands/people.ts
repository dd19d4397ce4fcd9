import { Invalid, type Posted } from '../../action/action.ts';
import { choiceField, textField } from '../../action/field.ts';
import { textIn } from '../../action/posted.ts';
import { html } from '../../page/html.ts';
import type { CommandDetails } from './command.ts';
import { peopleIn, peopleText } from './people-text.ts';

/** The request is cancelled, and others are asked under the next revision's key. */
export const peopleCommand: CommandDetails = {
  command: 'replaceParticipants',
  about: () => html`<p>Whoever was asked before hears no more of that request. The next one has a key of its own.</p>`,
  fields: async ({ status }, posted) => {
    const named = textIn(posted, 'people') || peopleText(status?.participants ?? []);
    return (faults) => html`${choiceField({
      name: 'from',
      legend: 'Who is asked instead?',
      value: whence(posted),
      options: [
        { value: 'registry', label: 'Whoever registry and CRM name now' },
        { value: 'list', label: 'The people below' },
      ],
      faults,
    })}
${textField({
  name: 'people',
  label: 'People, one a line',
  note: 'only read when they are the ones to be asked',
  hint: 'Ada Lovelace <ada@acme.example>, Europe/London: name and time zone may be left out. At most 50.',
  value: named,
  rows: 6,
  faults,
})}`;
  },
  async input(posted, { reason }, standing) {
    if (whence(posted) === 'registry') return { fromRegistry: true, reason };
    const known = (await standing()).status?.participants ?? [];
    const read = peopleIn(textIn(posted, 'people'), known);
    if ('fault' in read) throw new Invalid({ people: read.fault });
    return { participants: read.people, reason };
  },
};

function whence(posted: Posted): 'registry' | 'list' {
  return textIn(posted, 'from') === 'list' ? 'list' : 'registry';
}
