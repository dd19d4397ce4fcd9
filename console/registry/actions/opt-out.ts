import { optedOut as optedOutAmong, stakeholdersWithAddress } from '../../../database/index.ts';
import { accountsNaming, isEmail, setOptedOut, setOptedOutEverywhere } from '../../../registry/index.ts';
import { type Action, Refused } from '../../action/action.ts';
import type { ConsoleContext } from '../../context.ts';
import { html } from '../../page/html.ts';
import { isolated } from '../../page/link.ts';
import { accountAddress, personAddress } from '../address.ts';
import { personKey } from '../person-key.ts';
import { changerOf, nameOf, rowOf } from './edit-person.ts';
import { OPT_IN, OPT_IN_EVERYWHERE, OPT_OUT, OPT_OUT_EVERYWHERE } from './names.ts';
import { andTell } from './told.ts';

/** Opts somebody out in every row of theirs in an account, or in again. */
export function optInAccount(context: ConsoleContext, isOut: boolean): Action {
  const { database } = context;
  return {
    ...(isOut ? OPT_OUT : OPT_IN),
    label: isOut ? 'Opt them out' : 'Opt them in again',
    reason: 'required',
    async prepare(on) {
      const row = await rowOf(context, on);
      if (row === undefined) return undefined;
      return {
        title: nameOf(row),
        about: isOut
          ? html`<p>${isolated(row.email)} is invited to no kickoff of account ${isolated(row.accountId)} any more, whatever the deal; no import and no CRM takes that back. Your reason is kept as theirs.</p>`
          : html`<p>${isolated(row.email)} may be invited to kickoffs of account ${isolated(row.accountId)} again.</p>`,
        back: accountAddress({ id: row.accountId }),
        ...(row.optedOut === isOut
          ? {
              impossible: isOut ? 'They have been opted out already.' : 'They have not been opted out in this account.',
            }
          : {}),
      };
    },
    async perform(on, _posted, { by, reason }) {
      const key = personKey(on);
      if (key === undefined) throw new Refused('There is no such entry any more.');
      const { accountId, email } = key;
      const rows = await setOptedOut(database.db, { accountId, email, optedOut: isOut, reason }, changerOf(by));
      if (rows === 0) throw new Refused(`${email} was ${isOut ? 'opted out' : 'opted in'} by somebody else meanwhile.`);
      return await andTell(context, new Set([accountId]), `${email} is opted ${isOut ? 'out' : 'in again'}`);
    },
  };
}

/** An address is never written to, whoever it belongs to; or may be again. `on` is the address. */
export function optEverywhere(context: ConsoleContext, isOut: boolean): Action {
  const { database } = context;
  return {
    ...(isOut ? OPT_OUT_EVERYWHERE : OPT_IN_EVERYWHERE),
    reason: 'required',
    async prepare(on) {
      const email = on.toLowerCase();
      if (!isEmail(email)) return undefined;
      const isNow = (await optedOutAmong(database.db, [email])).has(email);
      const rows = await stakeholdersWithAddress(database.db, email, 500);
      const isOutInRows = rows.some((row) => row.opted_out);
      return {
        title: email,
        about: isOut
          ? html`<p>No kickoff of any account and no recovery of a lead writes to ${isolated(email)} from now on.</p>`
          : html`<p>Kickoffs and recoveries may write to ${isolated(email)} again.${isOutInRows && ' They stay opted out in the accounts where an entry says so.'}</p>`,
        back: personAddress({ email }),
        ...(isNow === isOut
          ? { impossible: isOut ? 'It is never written to already.' : 'It may be written to already.' }
          : {}),
      };
    },
    async perform(on, _posted, { by, reason }) {
      const email = on.toLowerCase();
      if (!isEmail(email)) throw new Refused('That is no e-mail address.');
      const change = { email, optedOut: isOut, reason };
      if (!(await setOptedOutEverywhere(database.db, change, changerOf(by)))) {
        throw new Refused(isOut ? 'Somebody else has done it meanwhile.' : 'It was not opted out everywhere any more.');
      }
      const accounts = new Set(await accountsNaming(database.db, email));
      return await andTell(context, accounts, `${email} ${isOut ? 'is never written to' : 'may be written to again'}`);
    },
  };
}
