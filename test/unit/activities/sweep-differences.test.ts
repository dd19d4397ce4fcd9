import { describe, expect, it } from 'vitest';
import { differencesOf } from '../../../activities/sweep/differences.ts';
import type { MeetingRequestRow } from '../../../database/index.ts';
import type { MeetingRequest } from '../../../skipup/index.ts';
import { meetingEventOf } from '../../../workflows/meeting/from-webhook.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const ORGANIZER = 'jordan.lee@yourcompany.example';

const row = (changes: Partial<MeetingRequestRow> = {}): MeetingRequestRow => ({
  idempotency_key: 'impl:1:kickoff:2026-11-20',
  workflow_id: 'kickoff:1',
  revision: 1,
  request_id: 'mr_1',
  status: 'active',
  status_at: null,
  organizer_email: ORGANIZER,
  organizer_at: null,
  participant_emails: ['jamie@acme-corp.example'],
  timeframe_start: NOW,
  timeframe_end: NOW,
  first_tried_at: NOW,
  follow_ups: 0,
  follow_up_times: [],
  calendar_event_id: null,
  was_booked: false,
  booked_at: null,
  cancelled_at: null,
  created_at: NOW,
  updated_at: NOW,
  ...changes,
});
const at = (status: string, changes: Partial<MeetingRequest> = {}): MeetingRequest => ({
  id: 'mr_1',
  status,
  organizer_email: ORGANIZER,
  updated_at: '2026-11-20T11:00:00Z',
  ...changes,
});
const differences = (known: MeetingRequestRow, request: MeetingRequest) => {
  const { events, ...rest } = differencesOf(known, request, NOW);
  return { ...rest, events: events.map(({ entry }) => meetingEventOf(entry.payload, entry.dedupeKey)) };
};

describe('a difference between the ledger and SkipUp', () => {
  it.each([
    ['active', row()],
    ['paused', row({ status: 'paused' })],
    ['booked', row({ status: 'booked' })],
  ])('is none when both say %s', (status, known) => {
    expect(differences(known, at(status))).toEqual({ events: [], isContradiction: false });
  });

  it.each<[string, MeetingRequest, object]>([
    [
      'booked_at',
      at('booked', { booked_at: '2026-11-20T10:00:00Z' }),
      { name: 'booked', at: '2026-11-20T10:00:00.000Z' },
    ],
    [
      'updated_at',
      at('booked'),
      { name: 'booked', at: '2026-11-20T11:00:00.000Z', key: 'sweep:mr_1:booked:2026-11-20T11:00:00.000Z' },
    ],
    [
      'nothing',
      at('booked', { updated_at: null }),
      { name: 'booked', at: NOW.toISOString(), key: 'sweep:mr_1:booked:after active' },
    ],
    [
      'paused_at',
      at('paused', { paused_at: '2026-11-20T10:30:00Z' }),
      { name: 'paused', at: '2026-11-20T10:30:00.000Z' },
    ],
    [
      'cancelled_at',
      at('cancelled', { cancelled_at: '2026-11-20T10:30:00Z' }),
      { name: 'cancelled', at: '2026-11-20T10:30:00.000Z' },
    ],
    [
      'a text that is no instant',
      at('booked', { booked_at: 'soon' }),
      { name: 'booked', at: '2026-11-20T11:00:00.000Z' },
    ],
  ])('is an event at the instant that %s gives', (_name, request, event) => {
    expect(differences(row(), request).events).toEqual([expect.objectContaining({ requestId: 'mr_1', ...event })]);
  });

  it('is a resumption of one that was known as paused, after the pause also when SkipUp’s seconds are the same', () => {
    const paused = row({ status: 'paused', status_at: new Date('2026-11-20T11:00:00Z') });
    expect(differences(paused, at('active')).events).toEqual([
      expect.objectContaining({ name: 'resumed', at: '2026-11-20T11:00:00.001Z' }),
    ]);
  });

  it('has the same key for every sweep that notices it', () => {
    const keys = [NOW, new Date('2026-11-20T12:05:00Z')].map(
      (now) =>
        differencesOf(row(), at('paused', { updated_at: null, paused_at: null }), now).events[0]?.entry.dedupeKey,
    );
    expect(new Set(keys).size).toBe(1);
  });

  it.each([
    ['the ledger', row({ status: 'booked', was_booked: true }), at('cancelled')],
    ['SkipUp', row(), at('cancelled', { booked_at: '2026-11-20T10:00:00Z' })],
  ])('is a cancellation of a booked meeting when %s says that it was booked', (_name, known, request) => {
    expect(differences(known, request).events).toEqual([
      expect.objectContaining({ name: 'cancelled', wasBooked: true }),
    ]);
  });

  it('does not say that a meeting was not booked when nobody has', () => {
    expect(differences(row(), at('cancelled')).events[0]).not.toHaveProperty('wasBooked');
  });

  it.each([
    [row({ status: 'booked' }), 'active'],
    [row({ status: 'booked' }), 'paused'],
    [row(), 'under_review'],
  ])('is a contradiction when it cannot follow: %#', (known, status) => {
    expect(differences(known, at(status))).toEqual({ events: [], isContradiction: true });
  });
});

describe('another organizer', () => {
  const sam = { organizer_email: 'Sam@YourCompany.example ' };

  it('is a change between what was known and now', () => {
    const known = row({ organizer_at: new Date('2026-11-20T09:00:00Z') });
    expect(differences(known, at('active', sam)).events).toEqual([
      {
        key: 'sweep:mr_1:organizer_changed:since 2026-11-20T09:00:00.000Z',
        name: 'organizer_changed',
        requestId: 'mr_1',
        at: '2026-11-20T11:00:00.000Z',
        organizerEmail: 'sam@yourcompany.example',
        since: '2026-11-20T09:00:00.000Z',
      },
    ]);
    expect(differences(row(), at('active', sam)).events).toEqual([
      expect.objectContaining({ since: '1970-01-01T00:00:00.000Z' }),
    ]);
  });

  it('comes beside a change of status', () => {
    expect(differences(row(), at('paused', sam)).events.map((event) => event?.name)).toEqual([
      'paused',
      'organizer_changed',
    ]);
  });

  it('is filled in where a webhook has left unsaid who it is', () => {
    expect(differences(row({ organizer_email: null }), at('active', sam))).toEqual({
      events: [],
      organizerToFill: 'sam@yourcompany.example',
      isContradiction: false,
    });
  });

  it.each([
    ['it is the same in other letters', row({ organizer_email: 'SAM@yourcompany.example' }), at('active', sam)],
    ['SkipUp does not say', row(), at('active', { organizer_email: null })],
    ['the request is cancelled', row({ status: 'cancelled' }), at('cancelled', sam)],
  ])('is none when %s', (_name, known, request) => {
    expect(differences(known, request)).toEqual({ events: [], isContradiction: false });
  });
});
