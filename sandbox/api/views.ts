import type { Delivery, Endpoint, MeetingRequestRecord, Member } from '../state/schema.ts';

/** A meeting request as SkipUp answers it. No field says when the meeting is: SkipUp has none. */
export function meetingRequestView(request: MeetingRequestRecord) {
  return {
    id: request.id,
    status: request.status,
    organizer_email: request.organizerEmail,
    participant_emails: request.invitees.map((invitee) => invitee.email),
    title: request.title,
    purpose: request.purpose,
    description: request.description,
    include_introduction: request.includeIntroduction,
    duration_minutes: request.durationMinutes,
    timeframe: request.timeframe,
    campaign_id: request.campaignId,
    created_at: request.createdAt,
    updated_at: request.updatedAt,
    booked_at: request.bookedAt,
    cancelled_at: request.cancelledAt,
    paused_at: request.pausedAt,
  };
}

export function memberView(member: Member) {
  return {
    id: member.id,
    email: member.email,
    name: member.name,
    role: member.role,
    deactivated_at: member.deactivatedAt,
    created_at: member.createdAt,
  };
}

export function endpointView(endpoint: Endpoint) {
  return {
    id: endpoint.id,
    url: endpoint.url,
    description: endpoint.description,
    enabled: endpoint.enabled,
    events: endpoint.events,
    disabled_at: endpoint.disabledAt,
    disabled_reason: endpoint.disabledReason,
    created_at: endpoint.createdAt,
    updated_at: endpoint.updatedAt,
  };
}

export function deliveryView(delivery: Delivery) {
  return {
    id: delivery.id,
    event_type: delivery.eventType,
    status: delivery.status,
    payload: delivery.payload,
    response_code: delivery.responseCode,
    attempts: delivery.attempts,
    delivered_at: delivery.deliveredAt,
    last_attempted_at: delivery.lastAttemptedAt,
    created_at: delivery.createdAt,
  };
}
