import type { Action } from '../../action/action.ts';
import type { ConsoleContext } from '../../context.ts';
import { addAccount, editAccount } from './account.ts';
import { addPerson } from './add-person.ts';
import { editPerson } from './edit-person.ts';
import { endPerson } from './end-person.ts';
import { importFile } from './import-file.ts';
import { optEverywhere, optInAccount } from './opt-out.ts';

/** What may be done to the registry. Every change is kept with who made it, and told to the kickoffs that it is about. */
export function registryActions(context: ConsoleContext): Action[] {
  return [
    addAccount(context),
    editAccount(context),
    addPerson(context),
    editPerson(context),
    endPerson(context),
    optInAccount(context, true),
    optInAccount(context, false),
    optEverywhere(context, true),
    optEverywhere(context, false),
    importFile(context),
  ];
}
