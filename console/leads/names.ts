import type { Action } from '../action/action.ts';

/** The updates that a recovery takes; `workflows/recovery` says when. In the order of their buttons. */
export const LEAD_ACTIONS = {
  proceed: { name: 'lead.proceed', label: 'Go on', isDangerous: false },
  resume: { name: 'lead.resume', label: 'Resume', isDangerous: false },
  pause: { name: 'lead.pause', label: 'Pause', isDangerous: false },
  changeOrganizer: { name: 'lead.changeOrganizer', label: 'Change the organizer', isDangerous: false },
  updateContext: { name: 'lead.updateContext', label: 'Change what it is about', isDangerous: false },
  retryStep: { name: 'lead.retryStep', label: 'Run the step again', isDangerous: false },
  skipStep: { name: 'lead.skipStep', label: 'Let the step go', isDangerous: true },
  cancel: { name: 'lead.cancel', label: 'Cancel this recovery', isDangerous: true },
} as const satisfies Record<string, Pick<Action, 'name' | 'label' | 'isDangerous'>>;
export type LeadCommand = keyof typeof LEAD_ACTIONS;

export const TAKE_UP = { name: 'lead.start', label: 'Take up a lead' } as const;
export const OPT_OUT = { name: 'lead.optOut', label: 'Never write to this address', isDangerous: true } as const;
export const OPT_IN = { name: 'lead.optIn', label: 'It may be written to again' } as const;

/** What `lead.start` is done to: there is no recovery yet. */
export const NEW_LEAD = 'lead:new';

export function isLeadCommand(name: string): name is LeadCommand {
  return Object.hasOwn(LEAD_ACTIONS, name);
}

/** What an action of the audit log was, in words; one that is not a lead's as it is called. */
export function leadActionWords(action: string): string {
  const all = [...Object.values(LEAD_ACTIONS), TAKE_UP, OPT_OUT, OPT_IN];
  return all.find(({ name }) => name === action)?.label ?? action;
}
