import type { Posted } from '../../action/action.ts';
import { tickField } from '../../action/field.ts';
import { isTicked, wasSent } from '../../action/posted.ts';
import { html } from '../../page/html.ts';
import { type CommandDetails, needsOf } from './command.ts';

const notifyField = (posted: Posted) =>
  tickField({
    name: 'notify',
    label: 'SkipUp tells the participants',
    isTicked: wasSent(posted) && isTicked(posted, 'notify'),
  });

const kickoffs = (count: number) => (count === 1 ? '1 kickoff' : `${count} kickoffs`);

/** The commands that carry nothing, or hardly anything. */
export const SCHEDULING_COMMANDS: readonly CommandDetails[] = [
  {
    command: 'cancel',
    about: (standing, zone) =>
      html`${needsOf(standing, zone)}<p>It cannot be taken back; the deal can be dispatched again. Your reason goes to SkipUp and into the kickoff’s own record.</p>`,
    fields: async (_standing, posted) => () => notifyField(posted),
    input: (posted, { reason }) => ({ reason, notify: isTicked(posted, 'notify') }),
    bulk: {
      title: (count) => `Cancel ${kickoffs(count)}`,
      about: 'Each kickoff and its meeting request end. It cannot be taken back; the deals can be dispatched again.',
      fields: notifyField,
    },
  },
  {
    command: 'pause',
    about: needsOf,
    bulk: {
      title: (count) => `Pause ${kickoffs(count)}`,
      about: 'SkipUp writes to nobody about them until they are resumed.',
    },
  },
  {
    command: 'resume',
    about: needsOf,
    bulk: { title: (count) => `Resume ${kickoffs(count)}`, about: 'SkipUp goes on with the scheduling of each.' },
  },
  {
    command: 'proceed',
    about: needsOf,
    bulk: {
      title: (count) => `Go on with ${kickoffs(count)}`,
      about: 'Each reads its deal and the registry again and goes on, without whoever may be missing.',
    },
  },
];
