import type { RequestView } from '../../activities/contract.ts';
import type { MeetingEvent } from '../messages.ts';
import { type Meeting, meetingStatus, withEvent } from './lifecycle.ts';

/**
 * What a read request says, as facts.
 *
 * @param at ISO 8601; stands in for instants that SkipUp leaves out
 */
export function withView(meeting: Meeting, view: RequestView, at: string): Meeting {
  if (view.status === meetingStatus(meeting)) return meeting;
  const fact = (name: MeetingEvent['name'], happened: string | undefined): Meeting =>
    withEvent(meeting, { key: `read:${name}`, name, requestId: meeting.requestId, at: happened ?? at });
  switch (view.status) {
    case 'booked':
      return fact('booked', view.bookedAt);
    case 'cancelled':
      return fact('cancelled', view.cancelledAt);
    case 'paused':
      return fact('paused', undefined);
    case 'active':
      return meeting.pausedAt === undefined ? meeting : fact('resumed', undefined);
    default:
      // A status we do not know says nothing that we could act on.
      return meeting;
  }
}
