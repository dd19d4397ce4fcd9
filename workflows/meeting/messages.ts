/** What SkipUp tells of a meeting request, as the workflows hear it. */

/** The SkipUp events that a kickoff acts on. */
export const MEETING_EVENTS = [
  'created',
  'booked',
  'cancelled',
  'paused',
  'resumed',
  'organizer_changed',
  'follow_up_sent',
] as const;
export type MeetingEventName = (typeof MEETING_EVENTS)[number];

/** One SkipUp webhook, verified and reduced to what the workflow needs. */
export interface MeetingEvent {
  /** Identifies the event for ever: SHA-256 of the webhook's canonical JSON; `sweep:…` when the sweep has noticed it. */
  key: string;
  name: MeetingEventName;
  requestId: string;
  /** ISO 8601 instant at which SkipUp says it happened. */
  at: string;
  /** Only in `cancelled`. */
  wasBooked?: boolean;
  /** Only in `booked`, and not always. */
  calendarEventId?: string;
  /** Where SkipUp names it. */
  organizerEmail?: string;
  /** Only in an `organizer_changed` that the sweep has noticed: it was after this instant, and at `at` at the latest. */
  since?: string;
}

/** The type of the failure of a create that came after its window: nothing was made, and another window is to be found. */
export const WINDOW_PASSED = 'WindowPassed';
