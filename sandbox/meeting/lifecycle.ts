import type { MeetingRequestStatus } from '../../skipup/schemas.ts';

export type MeetingAction = 'cancel' | 'pause' | 'resume' | 'change_organizer' | 'context' | 'book';

/** From which statuses an action is possible through the API. Booked and cancelled are ends. */
const ALLOWED_FROM: Readonly<Record<MeetingAction, readonly MeetingRequestStatus[]>> = {
  cancel: ['active', 'paused'],
  pause: ['active'],
  resume: ['paused'],
  change_organizer: ['active', 'paused'],
  context: ['active', 'paused'],
  book: ['active'],
};

export function isAllowed(action: MeetingAction, status: MeetingRequestStatus): boolean {
  return ALLOWED_FROM[action].includes(status);
}

/** Why an action is not possible now, for the error's message. */
export function whyNot(action: MeetingAction, status: MeetingRequestStatus): string {
  const from = ALLOWED_FROM[action].join(' or ');
  return `Cannot ${action.replaceAll('_', ' ')} a meeting request that is ${status}: it must be ${from}.`;
}
