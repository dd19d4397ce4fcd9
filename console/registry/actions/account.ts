import {
  type Account,
  accountsOf,
  changeAccount,
  checkAccount,
  countStakeholders,
  stateOfAccount,
} from '../../../registry/index.ts';
import { type Action, type Faults, Invalid, type Posted } from '../../action/action.ts';
import { inputField } from '../../action/field.ts';
import { textIn, wasSent } from '../../action/posted.ts';
import type { ConsoleContext } from '../../context.ts';
import { html, type Markup } from '../../page/html.ts';
import { isolated } from '../../page/link.ts';
import { accountAddress } from '../address.ts';
import { changerOf, guarded } from './edit-person.ts';
import { ADD_ACCOUNT, EDIT_ACCOUNT } from './names.ts';
import { faultsInWords } from './person-values.ts';
import { conflictTable, seenIn, seenInput } from './seen.ts';
import { andTell } from './told.ts';

const ZONES = Intl.supportedValuesOf('timeZone');
type Values = Record<'name' | 'country' | 'timezone', string>;

/** An account that neither the registry nor a kickoff has named yet. */
export function addAccount(context: ConsoleContext): Action {
  const { database } = context;
  return {
    ...ADD_ACCOUNT,
    reason: 'none',
    async prepare(_on, posted) {
      return {
        title: 'Registry',
        about: 'Its people are added afterwards. The id is the company’s in the CRM, by which a deal finds them.',
        back: '/registry',
        fields: (faults) =>
          html`${inputField({ name: 'account_id', label: 'Id in the CRM', value: textIn(posted, 'account_id'), required: true, maxLength: 128, faults })}
${accountInputs(valuesIn(posted), faults)}`,
      };
    },
    async perform(_on, posted, { by }) {
      const after = accountIn(textIn(posted, 'account_id'), valuesIn(posted));
      const isKnown =
        (await accountsOf(database.db, [after.id])).length + (await countStakeholders(database.db, after.id)) > 0;
      if (isKnown) throw new Invalid({ account_id: 'There is such an account already: search for it.' });
      await guarded(() => changeAccount(database.db, { seen: '', after }, changerOf(by)));
      return { sentence: `Account ${after.name ?? after.id} was added.`, back: accountAddress({ id: after.id }) };
    },
  };
}

/** What is known of an account itself; `on` is its id. */
export function editAccount(context: ConsoleContext): Action {
  const { database } = context;
  return {
    ...EDIT_ACCOUNT,
    reason: 'none',
    unlogged: ['seen'],
    async prepare(on, posted) {
      if (on === '') return undefined;
      const [account] = await accountsOf(database.db, [on]);
      const state = stateOfAccount(account);
      const seen = seenIn(posted);
      const { name = '', country = '', timezone = '' } = account ?? {};
      const values = wasSent(posted) ? valuesIn(posted) : { name, country, timezone };
      return {
        title: account?.name ?? on,
        about: html`<p>Account ${isolated(on)}.</p>${wasSent(posted) && seen !== undefined && seen !== state && conflictTable(seen, state)}`,
        back: accountAddress({ id: on }),
        fields: (faults) => html`${seenInput(state)}${accountInputs(values, faults)}`,
      };
    },
    async perform(on, posted, { by }) {
      const after = accountIn(on, valuesIn(posted));
      const change = { seen: seenIn(posted) ?? '', after };
      if (!(await guarded(() => changeAccount(database.db, change, changerOf(by))))) return 'Nothing was different.';
      return await andTell(context, new Set([on]), `Account ${after.name ?? on} was changed`);
    },
  };
}

function valuesIn(posted: Posted): Values {
  return {
    name: textIn(posted, 'account_name'),
    country: textIn(posted, 'account_country'),
    timezone: textIn(posted, 'account_timezone'),
  };
}

/** @throws {Invalid} */
function accountIn(id: string, { name, country, timezone }: Values): Account {
  const checked = checkAccount({
    account_id: id,
    account_name: name,
    account_country: country,
    account_timezone: timezone,
  });
  if ('faults' in checked) throw new Invalid(faultsInWords(checked.faults));
  return checked.account;
}

function accountInputs({ name, country, timezone }: Values, faults: Faults): Markup {
  return html`${inputField({ name: 'account_name', label: 'Name', value: name, maxLength: 200, faults })}
${inputField({ name: 'account_country', label: 'Country', hint: 'By its letters: DE, or US-CA for a part of one. Working days are counted by it.', value: country, maxLength: 6, faults })}
${inputField({ name: 'account_timezone', label: 'Time zone', hint: 'Of the account’s people who have none of their own: IANA, like America/New_York.', value: timezone, choices: ZONES, maxLength: 64, faults })}`;
}
