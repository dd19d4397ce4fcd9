import {
  type Changer,
  changePerson,
  findPerson,
  RegistryConflict,
  type Stakeholder,
  stateOfPerson,
} from '../../../registry/index.ts';
import { type Action, Invalid, type Prepared, Refused } from '../../action/action.ts';
import { wasSent } from '../../action/posted.ts';
import type { ConsoleContext } from '../../context.ts';
import { html } from '../../page/html.ts';
import { isolated } from '../../page/link.ts';
import type { Viewer } from '../../visit.ts';
import { accountAddress } from '../address.ts';
import { personKey } from '../person-key.ts';
import { dealWords } from '../words.ts';
import { EDIT_PERSON } from './names.ts';
import { personInputs } from './person-inputs.ts';
import { personIn, valuesFrom, valuesOfPerson } from './person-values.ts';
import { conflictTable, seenIn, seenInput } from './seen.ts';
import { andTell } from './told.ts';

export const SOURCE = 'console';

/** Who changes the registry here, for its history. */
export function changerOf({ name }: Viewer): Changer {
  return { by: name, source: SOURCE };
}

/** Changes what is known of somebody; who they are and for which deal stays. */
export function editPerson(context: ConsoleContext): Action {
  const { database } = context;
  return {
    ...EDIT_PERSON,
    label: 'Change this entry',
    reason: 'none',
    unlogged: ['seen'],
    async prepare(on, posted): Promise<Prepared | undefined> {
      const now = await rowOf(context, on);
      if (now === undefined) return undefined;
      const seen = seenIn(posted);
      const state = stateOfPerson(now);
      const isConflict = wasSent(posted) && seen !== undefined && seen !== state;
      const values = wasSent(posted) ? valuesFrom(posted) : valuesOfPerson(now);
      return {
        title: nameOf(now),
        about: html`<p>${isolated(now.email)} of account ${isolated(now.accountId)}, ${dealWords(now.dealId)}. For another address, add it and end this one.</p>
${now.source !== 'manual' && html`<p>It came from ${now.source === 'crm' ? 'the CRM, which no longer changes it once you have' : 'a file: the next import of it may change it again'}.</p>`}
${isConflict && conflictTable(seen, state)}`,
        back: accountAddress({ id: now.accountId }),
        fields: (faults) => html`${seenInput(state)}${personInputs(context, values, faults)}`,
      };
    },
    async perform(on, posted, { by }) {
      const key = personKey(on);
      const before = await rowOf(context, on);
      if (key === undefined || before === undefined) throw new Refused('There is no such entry any more.');
      const read = personIn(valuesFrom(posted), key, before);
      if ('faults' in read) throw new Invalid(read.faults);
      const change = { seen: seenIn(posted) ?? '', after: read.person };
      if (!(await guarded(() => changePerson(database.db, change, changerOf(by))))) return 'Nothing was different.';
      return await andTell(context, new Set([key.accountId]), `${nameOf(read.person)} was changed`);
    },
  };
}

export async function rowOf(
  { database }: Pick<ConsoleContext, 'database'>,
  on: string,
): Promise<Stakeholder | undefined> {
  const key = personKey(on);
  return key === undefined ? undefined : await findPerson(database.db, key);
}

/** The form is shown again when somebody else was quicker. */
export async function guarded<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof RegistryConflict)) throw error;
    if (error.code === 'gone') throw new Refused(error.message, { cause: error });
    throw new Invalid({ '': `${error.message} Look at what stands there now.` });
  }
}

export function nameOf({ name, email }: Pick<Stakeholder, 'name' | 'email'>): string {
  return name ?? email;
}
