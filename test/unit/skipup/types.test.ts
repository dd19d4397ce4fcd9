/**
 * What the types promise: `tsc` checks this file with the rest. The functions below are never called; that they compile,
 * and that each `@ts-expect-error` finds an error, is the test.
 */
import type { Tracer } from '@opentelemetry/api';
import { expect, expectTypeOf, test } from 'vitest';
import {
  type AnySkipUpError,
  type CreateMeetingRequest,
  isSkipUpError,
  type KnownWebhookEvent,
  knownWebhookEvent,
  type MeetingRequest,
  type Page,
  type PagedList,
  type SkipUpClient,
  type SkipUpClientOptions,
  SkipUpNotFoundError,
  type SkipUpPromise,
  SkipUpTimeoutError,
  type SkipUpTracer,
  type TimeoutPhase,
  type ValidationIssue,
  verifyWebhook,
  type WebhookDelivery,
  type WebhookEvent,
  type WithResponse,
  webhookDedupeKeyOf,
} from '../../../skipup/index.ts';
import { kickoff } from './fixtures.ts';

declare const client: SkipUpClient;
const organizer = { organizer_email: 'jordan@yourcompany.example' };
const idempotencyKey = 'k';

test('create needs its key, and exactly one way of naming participants', () => {
  const compiles = () => {
    client.meetingRequests.create({ ...organizer, participants: [{ email: 'a@b.example' }] }, { idempotencyKey });
    client.meetingRequests.create({ ...organizer, participant_emails: ['a@b.example'] }, { idempotencyKey });
    client.meetingRequests.create(kickoff, { idempotencyKey, signal: new AbortController().signal });
    // @ts-expect-error no options
    client.meetingRequests.create(kickoff);
    // @ts-expect-error no key
    client.meetingRequests.create(kickoff, {});
    // @ts-expect-error a key that may be missing
    client.meetingRequests.create(kickoff, { idempotencyKey: process.env.KEY });
    // @ts-expect-error neither
    client.meetingRequests.create(organizer, { idempotencyKey });
    // @ts-expect-error both
    client.meetingRequests.create({ ...kickoff, participant_emails: ['a@b.example'] }, { idempotencyKey });
    // @ts-expect-error no organizer
    client.meetingRequests.create({ participant_emails: ['a@b.example'] }, { idempotencyKey });
    // @ts-expect-error a field that SkipUp does not know
    client.meetingRequests.create({ ...kickoff, organiser: 'x' }, { idempotencyKey });
    // @ts-expect-error context is nested here
    client.meetingRequests.create({ ...organizer, participant_emails: [''], title: 'x' }, { idempotencyKey });
  };
  expectTypeOf<CreateMeetingRequest['organizer_email']>().toEqualTypeOf<string>();
  expect(compiles).toBeTypeOf('function');
});

test('updateContext is flat, and a change of organizer is an address', () => {
  const compiles = () => {
    client.meetingRequests.updateContext('mr_1', { title: 'New', duration_minutes: 30 });
    // @ts-expect-error nested, as create has it
    client.meetingRequests.updateContext('mr_1', { context: { title: 'New' } });
    // @ts-expect-error half a timeframe
    client.meetingRequests.updateContext('mr_1', { timeframe: { start: '2026-02-12T00:00:00Z' } });
    // @ts-expect-error the body as the API has it
    client.meetingRequests.changeOrganizer('mr_1', { new_organizer_email: 'a@b.example' });
    // @ts-expect-error notify is a switch
    client.meetingRequests.cancel('mr_1', { notify: 'yes' });
  };
  expect(compiles).toBeTypeOf('function');
});

test('lists know their filters and their items', () => {
  const compiles = async () => {
    const list = client.meetingRequests.list({ status: 'booked', limit: 5 }, { pagesPerMinute: 30 });
    expectTypeOf(list).toEqualTypeOf<PagedList<MeetingRequest>>();
    for await (const request of list) expectTypeOf(request.status).toEqualTypeOf<string>();
    for await (const page of list.pages()) expectTypeOf(page).toEqualTypeOf<Page<MeetingRequest>>();
    const deliveries = client.webhookEndpoints.deliveries('we_1', { status: 'failed', event_type: 'test' });
    expectTypeOf(await deliveries.toArray({ limit: 1 })).toEqualTypeOf<WebhookDelivery[]>();
    for await (const { payload } of deliveries) if (payload) webhookDedupeKeyOf(payload);
    // @ts-expect-error a status that is none
    client.meetingRequests.list({ status: 'open' });
    // @ts-expect-error a filter that is none
    client.workspaceMembers.list({ name: 'Jordan' });
    // @ts-expect-error a limit is needed
    list.toArray();
    // @ts-expect-error a single call has no pages
    client.meetingRequests.get('mr_1', { pagesPerMinute: 30 });
  };
  expect(compiles).toBeTypeOf('function');
});

test('a call is a promise of its data, and can tell of its answer', () => {
  const compiles = async () => {
    const call = client.meetingRequests.get('mr_1');
    expectTypeOf(call).toEqualTypeOf<SkipUpPromise<MeetingRequest>>();
    expectTypeOf(await call).toEqualTypeOf<MeetingRequest>();
    expectTypeOf(await call.withResponse()).toEqualTypeOf<WithResponse<MeetingRequest>>();
    expectTypeOf((await call.asResponse()).headers).toEqualTypeOf<Headers>();
    expectTypeOf(await client.webhookEndpoints.delete('we_1')).toEqualTypeOf<void>();
    const promise: Promise<MeetingRequest> = call;
    return promise;
  };
  // Required are id and status; everything else may be absent, and unknown fields are unknown.
  expectTypeOf<MeetingRequest['id']>().toEqualTypeOf<string>();
  expectTypeOf<MeetingRequest['title']>().toEqualTypeOf<string | null | undefined>();
  expectTypeOf<MeetingRequest['anything_else']>().toEqualTypeOf<unknown>();
  expect(compiles).toBeTypeOf('function');
});

test('events are told apart by their name', () => {
  const read = (event: KnownWebhookEvent): string => {
    switch (event.event) {
      case 'meeting_request.booked':
        expectTypeOf(event.calendar_event_id).toEqualTypeOf<string | null | undefined>();
        return event.id;
      case 'meeting_request.cancelled':
        expectTypeOf(event.was_booked).toEqualTypeOf<boolean | undefined>();
        return event.id;
      case 'meeting_request.created':
      case 'meeting_request.paused':
      case 'meeting_request.resumed':
        return event.id;
      case 'meeting_request.organizer_changed':
      case 'meeting_request.follow_up_sent':
      case 'member.deactivated':
        expectTypeOf(event.id).toEqualTypeOf<string | undefined>();
        return event.timestamp;
      case 'test':
        return event.message ?? '';
      default:
        return event satisfies never;
    }
  };
  expectTypeOf(verifyWebhook).returns.toEqualTypeOf<WebhookEvent>();
  const timestamp = '2025-01-20T16:00:00Z';
  const booked = knownWebhookEvent({ event: 'meeting_request.booked', timestamp, id: 'mr_1', room: 7 });
  expect(booked && read(booked)).toBe('mr_1');
  expect(booked).toMatchObject({ room: 7 });
  expect(knownWebhookEvent({ event: 'meeting_request.booked', timestamp })).toBeUndefined();
  expect(knownWebhookEvent({ event: 'meeting_request.moved', timestamp })).toBeUndefined();
  expect(knownWebhookEvent({ event: 'toString', timestamp })).toBeUndefined();
});

test('errors are told apart by their code', () => {
  const read = (error: AnySkipUpError): string | undefined => {
    switch (error.code) {
      case 'timeout':
        expectTypeOf(error.phase).toEqualTypeOf<TimeoutPhase>();
        return error.phase;
      case 'validation':
        expectTypeOf(error.issues).toEqualTypeOf<readonly ValidationIssue[]>();
        return error.issues[0]?.path;
      default:
        // @ts-expect-error only a time-out has a phase
        return error.phase;
    }
  };
  const error: unknown = new SkipUpTimeoutError('late', 'body');
  expect(isSkipUpError(error) && read(error)).toBe('body');
  expect(read(new SkipUpNotFoundError('gone'))).toBeUndefined();
  expect(isSkipUpError(new Error('other'))).toBe(false);
});

test('a tracer of OpenTelemetry is a tracer of the client', () => {
  expectTypeOf<Tracer>().toExtend<SkipUpTracer>();
  expectTypeOf<Tracer>().toExtend<Exclude<SkipUpClientOptions['tracer'], undefined>>();
  const options: SkipUpClientOptions = { apiKey: 'sk_x', onDrift: ({ schema, path }) => console.log(schema, path) };
  // @ts-expect-error the key is needed
  const without: SkipUpClientOptions = { baseUrl: 'https://api.skipup.ai/api/v1' };
  expect([options, without]).toHaveLength(2);
});
