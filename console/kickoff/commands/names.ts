import type { Action } from '../../action/action.ts';

/** The updates that a kickoff takes; `workflows/messages.ts` has what each carries. */
export type KickoffCommand =
  | 'cancel'
  | 'pause'
  | 'resume'
  | 'changeOrganizer'
  | 'updateContext'
  | 'replaceParticipants'
  | 'proceed'
  | 'retryStep'
  | 'skipStep';

/** What each is called, for its button; the actions themselves are made by `kickoffActions`. */
export const KICKOFF_ACTIONS = {
  proceed: { name: 'kickoff.proceed', label: 'Proceed', isDangerous: false },
  changeOrganizer: { name: 'kickoff.changeOrganizer', label: 'Change organizer', isDangerous: false },
  replaceParticipants: { name: 'kickoff.replaceParticipants', label: 'Replace people', isDangerous: true },
  updateContext: { name: 'kickoff.updateContext', label: 'Change title, text or window', isDangerous: false },
  pause: { name: 'kickoff.pause', label: 'Pause', isDangerous: false },
  resume: { name: 'kickoff.resume', label: 'Resume', isDangerous: false },
  retryStep: { name: 'kickoff.retryStep', label: 'Retry this step', isDangerous: false },
  skipStep: { name: 'kickoff.skipStep', label: 'Skip this step', isDangerous: true },
  cancel: { name: 'kickoff.cancel', label: 'Cancel this kickoff', isDangerous: true },
} as const satisfies Record<KickoffCommand, Pick<Action, 'name' | 'label' | 'isDangerous'>>;
