import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findMeetingRequest, lastSweeps, openMeetingRequests, recordMeetingEvent } from '../../../database/index.ts';
import { applyRow, ORGANIZER, OTHER_ORGANIZER, type Sweeping, startSweeping } from './sweeping.ts';

let sweeping: Sweeping;
beforeAll(async () => {
  sweeping = await startSweeping();
});
afterAll(() => sweeping.close());
beforeEach(async () => {
  await sweeping.control('DELETE', '/faults');
  sweeping.calls();
});

const now = () => new Date().toISOString();

describe('a workspace that others use too', () => {
  it('leaves alone what the product has not made', async () => {
    const { id } = await sweeping.newRequest();
    const foreign = await sweeping.client.meetingRequests.create(
      { organizer_email: ORGANIZER, participant_emails: ['somebody@else.example'] },
      { idempotencyKey: 'foreign' },
    );
    await sweeping.happens(foreign.id, 'booked');
    expect(await sweeping.sweepRequests()).toMatchObject({ compared: 1, takenIn: 0 });
    await sweeping.happens(id, 'cancelled');
    expect(await sweeping.sweepRequests()).toMatchObject({
      takenIn: 1,
      noticed: [{ workflowId: 'kickoff:1', requestId: id, event: 'cancelled' }],
    });
    expect((await sweeping.inbox()).map(({ subject }) => subject)).toEqual([id]);
  });

  it('reads one by one what the first pages do not hold, and says what is gone', async () => {
    await sweeping.sweepRequests();
    const old = await sweeping.newRequest();
    for (let count = 0; count < 120; count += 1) {
      await sweeping.client.meetingRequests.create(
        { organizer_email: ORGANIZER, participant_emails: [`nobody${count}@else.example`] },
        { idempotencyKey: `foreign ${count}` },
      );
    }
    await sweeping.happens(old.id, 'booked');
    // Its end is in the inbox and in the ledger since the test before.
    for (const row of await sweeping.inbox()) await applyRow(sweeping, row);
    sweeping.calls();
    expect(await sweeping.sweepRequests()).toMatchObject({ compared: 1, takenIn: 1 });
    expect(sweeping.calls()).toEqual(['GET /meeting_requests', 'GET /meeting_requests/:id', 'GET /workspace_members']);

    await sweeping.control('POST', '/faults', { fault: 'status', status: 404, path: '/meeting_requests/*', next: 1 });
    expect(await sweeping.sweepRequests()).toMatchObject({ gone: [old.id], takenIn: 0 });
  });

  it('says which organizers are no members, and knows them again', async () => {
    const { workflowId } = await sweeping.newRequest({ organizer: OTHER_ORGANIZER });
    const fallbackOrganizer = { email: 'Nobody@YourCompany.example' };
    expect(await sweeping.sweepRequests({ fallbackOrganizer })).toMatchObject({
      unknownOrganizers: [{ email: 'nobody@yourcompany.example', kickoffs: [], accounts: [], isFallback: true }],
      notes: [],
    });
    await sweeping.control('POST', `/members/${OTHER_ORGANIZER}/deactivate`);
    expect((await sweeping.sweepRequests()).unknownOrganizers).toEqual([
      { email: OTHER_ORGANIZER, kickoffs: [workflowId], accounts: [], isFallback: false },
    ]);
    await sweeping.control('POST', '/members', { email: OTHER_ORGANIZER, name: 'Sam Kim' });
    expect((await sweeping.sweepRequests()).unknownOrganizers).toEqual([]);
  });

  it('warns once about the same people, and without their addresses', async () => {
    await sweeping.control('POST', `/members/${OTHER_ORGANIZER}/deactivate`);
    sweeping.warnings();
    await sweeping.sweepRequests();
    await sweeping.sweepRequests();
    const warnings = sweeping.warnings().filter((line) => line.includes('no active members'));
    expect(warnings).toEqual([expect.stringContaining('"kickoffs":["kickoff:')]);
    expect(warnings.join()).not.toContain('@');
    await sweeping.control('POST', '/members', { email: OTHER_ORGANIZER, name: 'Sam Kim' });
  });

  it('does its own work also when the members cannot be listed', async () => {
    await sweeping.control('POST', '/faults', { fault: 'status', status: 403, path: '/workspace_members', next: 1 });
    expect(await sweeping.sweepRequests()).toMatchObject({
      notes: [expect.stringMatching(/^Whether every organizer/)],
    });
  });

  it('fills in whom a webhook has not named, and notices whom no webhook has told of', async () => {
    const { id } = await sweeping.newRequest();
    const organizer = async () => (await findMeetingRequest(sweeping.database.db, id))?.organizer_email;
    await sweeping.happens(id, 'organizer_changed', { organizer_email: OTHER_ORGANIZER });
    const [at] = [(await sweeping.client.meetingRequests.get(id)).updated_at ?? ''];
    await recordMeetingEvent(sweeping.database.db, { requestId: id, name: 'organizer_changed', at });
    expect(await sweeping.sweepRequests()).toMatchObject({ takenIn: 0 });
    expect(await organizer()).toBe(OTHER_ORGANIZER);

    await sweeping.control('POST', '/clock', { advance: 60_000 });
    await sweeping.happens(id, 'organizer_changed', { organizer_email: ORGANIZER });
    expect(await sweeping.sweepRequests()).toMatchObject({
      takenIn: 1,
      noticed: [expect.objectContaining({ requestId: id, event: 'organizer_changed' })],
    });
    const row = (await sweeping.inbox()).at(-1);
    expect(row?.payload).toMatchObject({ organizer_email: ORGANIZER, noticed_by: 'sweep' });
    expect(row?.dedupe_key).not.toContain('@');
  });
});

describe('comparing open requests with SkipUp', () => {
  it('reads pages of a hundred, only as far as there are open requests', async () => {
    for (const { request_id: id } of await openMeetingRequests(sweeping.database.db)) {
      if (id !== null) await recordMeetingEvent(sweeping.database.db, { requestId: id, name: 'cancelled', at: now() });
    }
    const requests = [];
    const before = (await sweeping.inbox()).length;
    for (let count = 0; count < 300; count += 1) requests.push(await sweeping.newRequest());
    const [first, second] = requests;
    if (first === undefined || second === undefined) throw new Error('there are 300');
    await sweeping.happens(first.id, 'booked');
    await sweeping.happens(second.id, 'paused');
    sweeping.calls();
    const found = await sweeping.sweepRequests();
    expect(found).toMatchObject({ compared: 300, takenIn: 2, underWay: 0, gone: [], contradictions: [] });
    expect(sweeping.calls()).toEqual([
      'GET /meeting_requests',
      'GET /meeting_requests',
      'GET /meeting_requests',
      'GET /workspace_members',
    ]);
    expect(
      (await sweeping.inbox())
        .slice(before)
        .map(({ event_type, subject }) => [event_type, subject])
        .sort(),
    ).toEqual(
      [
        ['meeting_request.booked', first.id],
        ['meeting_request.paused', second.id],
      ].sort(),
    );
  });

  it('says what is on its way, and does not take it in again', async () => {
    expect(await sweeping.sweepRequests()).toMatchObject({ takenIn: 0, underWay: 2 });
    const rows = await sweeping.inbox();
    for (const row of rows) await applyRow(sweeping, row);
    expect(await sweeping.sweepRequests()).toMatchObject({ takenIn: 0, underWay: 0 });
    expect(await sweeping.inbox()).toHaveLength(rows.length);
  });

  it('goes on where an attempt that was cut off had got to', async () => {
    const reached: unknown[] = [];
    await expect(
      sweeping.sweepRequests({
        onHeartbeat(details, cancel) {
          reached.push(details);
          cancel();
        },
      }),
    ).rejects.toThrow();
    expect(reached.at(-1)).toMatchObject({ cursor: expect.any(String) });
    sweeping.calls();
    await sweeping.sweepRequests({ heartbeatDetails: reached.at(-1) });
    expect(sweeping.calls().filter((call) => call === 'GET /meeting_requests')).toHaveLength(2);
  });

  it('begins anew when SkipUp knows the place no more, and minds no details of another form', async () => {
    await sweeping.sweepRequests({ heartbeatDetails: { cursor: 'bm90IG9uZQ', seen: [], takenIn: 0 } });
    expect(sweeping.calls().filter((call) => call === 'GET /meeting_requests')).toHaveLength(4);
    expect(await sweeping.sweepRequests({ heartbeatDetails: 'something else' })).toMatchObject({ compared: 300 });
  });

  it('tells Temporal to try again after a 5xx, and when to after a 429; the next sweep repairs', async () => {
    const late = await sweeping.newRequest();
    await sweeping.happens(late.id, 'booked');
    await sweeping.control('POST', '/faults', { fault: 'status', status: 503, path: '/meeting_requests', next: 1 });
    await expect(sweeping.sweepRequests()).rejects.toMatchObject({ nonRetryable: false });
    expect((await lastSweeps(sweeping.database.db)).find(({ part }) => part === 'requests')).toMatchObject({
      problem: expect.stringMatching(/./),
      findings: { compared: 300 },
    });
    await sweeping.control('POST', '/faults', {
      fault: 'status',
      status: 429,
      headers: { 'retry-after': '120' },
      path: '/meeting_requests',
      next: 1,
    });
    await expect(sweeping.sweepRequests()).rejects.toMatchObject({
      type: 'SkipUp.rate_limited',
      nextRetryDelay: 120_000,
    });
    expect(await sweeping.sweepRequests()).toMatchObject({ takenIn: 1 });
    expect((await lastSweeps(sweeping.database.db)).find(({ part }) => part === 'requests')).toMatchObject({
      problem: null,
      findings: { takenIn: 1 },
    });
  });

  it('tells a person when the key is refused, and does not try again', async () => {
    await sweeping.control('POST', '/faults', { fault: 'status', status: 401, path: '/meeting_requests', next: 1 });
    await expect(sweeping.sweepRequests()).rejects.toMatchObject({ nonRetryable: true });
  });
});
