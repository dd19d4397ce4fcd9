import { addPerson as add, findPerson, normaliseEmail, type Stakeholder } from '../../../registry/index.ts';
import { type Action, Invalid, type Posted } from '../../action/action.ts';
import { inputField } from '../../action/field.ts';
import { textIn, wasSent } from '../../action/posted.ts';
import type { ConsoleContext } from '../../context.ts';
import { addressOf } from '../../page/address.ts';
import { html, type Markup } from '../../page/html.ts';
import { isolated } from '../../page/link.ts';
import { accountAddress } from '../address.ts';
import { personKeyText } from '../person-key.ts';
import { dealWords } from '../words.ts';
import { changerOf, guarded, nameOf } from './edit-person.ts';
import { ADD_PERSON, EDIT_PERSON } from './names.ts';
import { personInputs } from './person-inputs.ts';
import { personIn, valuesFrom } from './person-values.ts';
import { andTell } from './told.ts';

/** Adds somebody to an account, for every deal or for one; `on` is the account's id. */
export function addPerson(context: ConsoleContext): Action {
  const { database } = context;
  return {
    ...ADD_PERSON,
    reason: 'none',
    async prepare(on, posted) {
      if (on === '') return undefined;
      const known = wasSent(posted) ? await knownAs(context, on, posted) : undefined;
      return {
        title: on,
        about: html`<p>Somebody who belongs to account ${isolated(on)}. Whoever is added by hand comes before the CRM’s contacts.</p>
${known !== undefined && already(known)}`,
        back: accountAddress({ id: on }),
        fields: (
          faults,
        ) => html`${inputField({ name: 'email', label: 'E-mail', type: 'email', value: textIn(posted, 'email'), required: true, maxLength: 254, faults })}
${inputField({ name: 'deal_id', label: 'Deal', hint: 'Its id in the CRM, when they belong to that deal alone. Empty: every deal of the account.', value: textIn(posted, 'deal_id'), maxLength: 128, faults })}
${personInputs(context, valuesFrom(posted), faults)}`,
      };
    },
    async perform(on, posted, { by }) {
      const who = { accountId: on, dealId: textIn(posted, 'deal_id'), email: textIn(posted, 'email') };
      const read = personIn(valuesFrom(posted), who);
      if ('faults' in read) throw new Invalid(read.faults);
      if ((await knownAs(context, on, posted)) !== undefined) {
        throw new Invalid({ email: 'They are there already: change that entry, or give a deal.' });
      }
      await guarded(() => add(database.db, read.person, changerOf(by)));
      return await andTell(context, new Set([read.person.accountId]), `${nameOf(read.person)} was added`);
    },
  };
}

async function knownAs(
  { database }: ConsoleContext,
  accountId: string,
  posted: Posted,
): Promise<Stakeholder | undefined> {
  const email = normaliseEmail(textIn(posted, 'email')) ?? '';
  return await findPerson(database.db, { accountId, dealId: textIn(posted, 'deal_id'), email });
}

function already(known: Stakeholder): Markup {
  const address = addressOf(`/actions/${EDIT_PERSON.name}`, { on: personKeyText(known) });
  return html`<p class="notice alert">${isolated(nameOf(known))} is there already, for ${dealWords(known.dealId)}: <a href="${address}">change that entry</a>.</p>`;
}
