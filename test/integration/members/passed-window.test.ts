import { MockActivityEnvironment } from '@temporalio/testing';
import { request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CreateInput } from '../../../activities/contract.ts';
import { type SkipupDependencies, skipupActivities } from '../../../activities/skipup.ts';
import { type Database, migrate, openDatabase } from '../../../database/index.ts';
import { startSandbox } from '../../../sandbox/index.ts';
import { SkipUpClient } from '../../../skipup/index.ts';

const ORGANIZER = 'jordan.lee@yourcompany.example';

let database: Database;
let sandbox: Awaited<ReturnType<typeof startSandbox>>;
let client: SkipUpClient;
beforeAll(async () => {
  database = await openDatabase();
  await migrate(database);
  sandbox = await startSandbox({
    seed: 'window',
    clock: { frozenAt: new Date().toISOString() },
    fixture: { everybody: { neverReplies: true }, members: [{ email: ORGANIZER, name: 'Jordan Lee' }] },
  });
  client = new SkipUpClient({ apiKey: sandbox.apiKey, baseUrl: sandbox.apiBaseUrl, retry: { maxAttempts: 1 } });
});
afterAll(async () => {
  await client.close();
  await sandbox.close();
  await database.close();
});

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
const HOUR = 3_600_000;

function planned(id: string, more: Partial<CreateInput> = {}): CreateInput {
  return {
    workflowId: `kickoff:${id}`,
    idempotencyKey: `impl:${id}:kickoff:2026-02-10`,
    revision: 1,
    organizer: { email: ORGANIZER, from: 'registry' },
    participants: [
      { email: `${id}@customer.example`, side: 'customer', roles: [], attendance: 'required', from: 'registry' },
    ],
    context: { title: `Kickoff ${id}`, purpose: 'Kick off', description: 'Signed.', durationMinutes: 60 },
    timeframe: { start: inMs(-48 * HOUR), end: inMs(48 * HOUR) },
    includeIntroduction: true,
    firstTriedAt: inMs(-HOUR),
    lookUpFirst: false,
    sendBefore: inMs(-1),
    ...more,
  };
}

async function create(input: CreateInput, attempt = 1, more: Partial<SkipupDependencies> = {}) {
  const { createMeetingRequest } = skipupActivities({ client, database, ...more });
  return await new MockActivityEnvironment({ attempt }).run(createMeetingRequest, input);
}

/** How many requests SkipUp has for the one who is asked. */
async function atSkipUp(id: string): Promise<number> {
  const answer = await request(`${sandbox.apiBaseUrl}/meeting_requests?participant_email=${id}@customer.example`, {
    headers: { authorization: `Bearer ${sandbox.apiKey}` },
  });
  const body = await answer.body.json();
  return typeof body === 'object' && body !== null && 'data' in body && Array.isArray(body.data)
    ? body.data.length
    : -1;
}

it.each<[string, string, Partial<CreateInput>, number, boolean]>([
  ['that was never sent is not sent', 'a', {}, 1, false],
  ['that an earlier attempt may have sent is looked for, and not sent', 'b', {}, 2, true],
  ['that was sent in vain days ago is looked for, and not sent', 'c', { lookUpFirst: true }, 1, true],
])('a window that has passed, %s', async (_what, id, more, attempt, wasSent) => {
  await expect(create(planned(id, more), attempt)).rejects.toMatchObject({
    type: 'WindowPassed',
    nonRetryable: true,
    details: [{ wasSent }],
  });
  expect(await atSkipUp(id)).toBe(0);
});

it('a window that has passed is not sent when the turn comes too late', async () => {
  const sendBefore = inMs(50);
  const turn = async () => {
    while (Date.now() < Date.parse(sendBefore)) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await expect(create(planned('d', { sendBefore }), 1, { turn })).rejects.toMatchObject({ type: 'WindowPassed' });
  expect(await atSkipUp('d')).toBe(0);
});

it('a request that a lost answer has made is found, whatever its window', async () => {
  const input = planned('e', { sendBefore: inMs(HOUR) });
  const { context, timeframe, participants, organizer } = input;
  const made = await client.meetingRequests.create(
    {
      organizer_email: organizer.email,
      participants: participants.map(({ email }) => ({ email })),
      context: {
        title: context.title,
        purpose: context.purpose,
        description: context.description,
        duration_minutes: context.durationMinutes,
        timeframe,
      },
    },
    { idempotencyKey: input.idempotencyKey },
  );
  expect(await create({ ...input, sendBefore: inMs(-1) }, 3)).toMatchObject({ requestId: made.id, fresh: false });
  expect(await atSkipUp('e')).toBe(1);
});

it.each<[string, string, Partial<CreateInput>]>([
  ['while there is time', 'f', { sendBefore: inMs(HOUR) }],
  ['of a kickoff that began before this rule', 'g', {}],
])('a window is sent %s', async (_what, id, { sendBefore }) => {
  const { sendBefore: _passed, ...rest } = planned(id);
  expect(await create({ ...rest, ...(sendBefore && { sendBefore }) })).toMatchObject({ fresh: true });
  expect(await atSkipUp(id)).toBe(1);
});
