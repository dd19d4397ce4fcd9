import { changePerson, endedBefore, stateOfPerson } from '../../../registry/index.ts';
import { type Action, Invalid, Refused } from '../../action/action.ts';
import { inputField } from '../../action/field.ts';
import { textIn, wasSent } from '../../action/posted.ts';
import type { ConsoleContext } from '../../context.ts';
import { html } from '../../page/html.ts';
import { isolated } from '../../page/link.ts';
import { accountAddress } from '../address.ts';
import { dealWords } from '../words.ts';
import { changerOf, guarded, nameOf, rowOf } from './edit-person.ts';
import { END_PERSON } from './names.ts';
import { conflictTable, seenIn, seenInput } from './seen.ts';
import { andTell } from './told.ts';

const DAY = /^\d{4}-\d\d-\d\d$/;

/** Somebody stops counting after a day. Nobody is deleted: their row says until when they belonged. */
export function endPerson(context: ConsoleContext): Action {
  const { database, now } = context;
  return {
    ...END_PERSON,
    label: 'End this entry',
    reason: 'none',
    unlogged: ['seen'],
    async prepare(on, posted) {
      const row = await rowOf(context, on);
      if (row === undefined) return undefined;
      const state = stateOfPerson(row);
      const seen = seenIn(posted);
      const yesterday = endedBefore(row, now().toISOString().slice(0, 10)).activeTo;
      const value = wasSent(posted) ? textIn(posted, 'last_day') : yesterday;
      return {
        title: nameOf(row),
        about: html`<p>${isolated(row.email)} of account ${isolated(row.accountId)}, ${dealWords(row.dealId)}, counts no more after their last day. The entry is kept, and can be changed again.</p>
${wasSent(posted) && seen !== undefined && seen !== state && conflictTable(seen, state)}`,
        back: accountAddress({ id: row.accountId }),
        fields: (faults) =>
          html`${seenInput(state)}${inputField({ name: 'last_day', label: 'Last day', type: 'date', hint: 'Inclusive. Yesterday: from today on they do not count.', value, required: true, faults })}`,
      };
    },
    async perform(on, posted, { by }) {
      const row = await rowOf(context, on);
      if (row === undefined) throw new Refused('There is no such entry any more.');
      const lastDay = textIn(posted, 'last_day');
      if (!DAY.test(lastDay) || Number.isNaN(Date.parse(lastDay))) {
        throw new Invalid({ last_day: 'The last day must be a date like 2026-02-28.' });
      }
      const begins = row.activeFrom !== undefined && row.activeFrom > lastDay;
      const after = { ...row, ...(begins && { activeFrom: lastDay }), activeTo: lastDay };
      const change = { seen: seenIn(posted) ?? '', after, isEnd: true };
      if (!(await guarded(() => changePerson(database.db, change, changerOf(by))))) return 'Nothing was different.';
      return await andTell(context, new Set([row.accountId]), `${nameOf(row)} counts until ${lastDay}`);
    },
  };
}
