import type { ContextUpdate, MeetingRequest, Timeframe } from './schemas.ts';

/** Whether a meeting request already is as a state change would make it. */
export type WantedState = (request: MeetingRequest) => boolean;

export function hasStatus(status: string): WantedState {
  return (request) => request.status === status;
}

/** E-mail addresses are the same whatever their case. */
export function hasOrganizer(email: string): WantedState {
  return (request) => request.organizer_email?.toLowerCase() === email.toLowerCase();
}

/** Every field that was sent reads as it was sent. A field that SkipUp does not answer counts as different. */
export function hasContext(context: ContextUpdate): WantedState {
  return (request) =>
    same(context.title, request.title) &&
    same(context.purpose, request.purpose) &&
    same(context.description, request.description) &&
    same(context.duration_minutes, request.duration_minutes) &&
    (context.timeframe === undefined || sameTimeframe(context.timeframe, request.timeframe));
}

function same<T>(sent: T | undefined, read: T | null | undefined): boolean {
  return sent === undefined || sent === read;
}

/** Instants are compared, not their spelling: `Z` and `+00:00` are one. */
function sameTimeframe(sent: Timeframe, read: MeetingRequest['timeframe']): boolean {
  return (
    Date.parse(sent.start) === Date.parse(read?.start ?? '') && Date.parse(sent.end) === Date.parse(read?.end ?? '')
  );
}
