import type { Action } from '../../action/action.ts';

type Named = Pick<Action, 'name' | 'label' | 'isDangerous'>;

export const ADD_ACCOUNT = { name: 'registry.addAccount', label: 'Add an account' } as const satisfies Named;
export const EDIT_ACCOUNT = { name: 'registry.editAccount', label: 'Edit the account' } as const satisfies Named;
export const ADD_PERSON = { name: 'registry.addPerson', label: 'Add somebody' } as const satisfies Named;
export const EDIT_PERSON = { name: 'registry.editPerson', label: 'Edit' } as const satisfies Named;
export const END_PERSON = { name: 'registry.endPerson', label: 'End' } as const satisfies Named;
export const OPT_OUT = { name: 'registry.optOut', label: 'Opt out' } as const satisfies Named;
export const OPT_IN = { name: 'registry.optIn', label: 'Opt in again' } as const satisfies Named;
export const OPT_OUT_EVERYWHERE = {
  name: 'registry.optOutEverywhere',
  label: 'Never write to this address',
} as const satisfies Named;
export const OPT_IN_EVERYWHERE = {
  name: 'registry.optInEverywhere',
  label: 'Let this address be written to again',
} as const satisfies Named;
export const IMPORT = { name: 'registry.import', label: 'Import these changes' } as const satisfies Named;
