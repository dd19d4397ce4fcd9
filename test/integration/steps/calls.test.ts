import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, listSteps, migrate, openDatabase } from '../../../database/index.ts';
import { fakeLinear, LINEAR_KEY } from '../../harness/fake-linear.ts';
import { failureOf, stepInput, stepsWith } from './running.ts';

const SECRET = 'whsec_0123456789abcdef';
const TOKEN = 'Bearer erp-token-of-the-tests';

let database: Database;
let server: Server;
let url: string;
let calls: { method: string; path: string; key: string; authorization: string }[];
/** What the system makes of the next calls; then it answers 201. */
let next: ('lost_before' | 'lost_after' | 'echo')[];
/** Made by the system: once for each key. */
let made: Set<string>;

beforeAll(async () => {
  database = await openDatabase();
  await migrate(database);
  server = createServer((request, response) => {
    const { method = '', url: path = '', headers } = request;
    const fate = next.shift();
    const { 'idempotency-key': key, authorization } = headers;
    calls.push({ method, path, key: String(key), authorization: String(authorization) });
    request.resume();
    if (fate === 'lost_before') return request.socket.destroy();
    made.add(String(headers['idempotency-key']));
    if (fate === 'lost_after') return request.socket.destroy();
    if (fate === 'echo') return response.writeHead(409).end(`no: ${SECRET} ${headers.authorization} ${said(headers)}`);
    return response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":"A-1"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  url = `http://127.0.0.1:${address === null || typeof address === 'string' ? 0 : address.port}`;
});
beforeEach(() => {
  calls = [];
  next = [];
  made = new Set();
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await database.close();
});

function said(headers: IncomingHttpHeaders): string {
  return JSON.stringify(headers);
}

const httpSteps = () =>
  stepsWith({
    database,
    crms: {},
    secrets: [SECRET, TOKEN],
    stepCalls: {
      allowPrivate: ['127.0.0.1'],
      timeoutSeconds: 10,
      signingSecrets: [SECRET],
      headerValues: { STEP_HEADER_ERP: TOKEN },
    },
  });
const httpInput = () =>
  stepInput({
    kind: 'http',
    url: `${url}/accounts`,
    secretHeaders: { Authorization: 'STEP_HEADER_ERP' },
    keep: { account: '/id' },
    undoWith: { method: 'DELETE', url: `${url}/accounts/{{result.ids.account}}` },
  });

describe('an http step and its row in the ledger', () => {
  it.each(['lost_before', 'lost_after'] as const)(
    'cut off (%s), makes one thing, and is never called again',
    async (fate) => {
      const steps = httpSteps();
      const input = httpInput();
      next = [fate];
      expect((await failureOf(steps.run(input))).nonRetryable).toBe(false);
      const outcome = await steps.run(input);
      expect(outcome).toMatchObject({ ids: { account: 'A-1' } });
      expect(await steps.run(input)).toEqual(outcome);
      expect([calls.length, made.size]).toEqual([2, 1]);
      expect(
        (await listSteps(database.db, input.workflowId)).map(({ status, attempts }) => [status, attempts]),
      ).toEqual([['done', 2]]);
    },
  );

  it('is undone with its own results, once', async () => {
    const steps = httpSteps();
    const input = httpInput();
    const outcome = await steps.run(input);
    next = ['lost_after'];
    await failureOf(steps.undo(input, outcome));
    expect(await steps.undo(input, outcome)).toMatchObject({ state: 'undone' });
    expect(await steps.undo(input, outcome)).toMatchObject({ state: 'undone' });
    expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /accounts',
      'DELETE /accounts/A-1',
      'DELETE /accounts/A-1',
    ]);
    expect(made.size).toBe(2);
  });

  it('keeps what a system repeats of the secrets out of the ledger and of the failure', async () => {
    const input = httpInput();
    next = ['echo'];
    const failure = await failureOf(httpSteps().run(input));
    expect(calls[0]?.authorization).toBe(TOKEN);
    const rows = JSON.stringify(await listSteps(database.db, input.workflowId));
    expect(failure).toMatchObject({ nonRetryable: true, message: expect.stringContaining('answered 409: no: ') });
    for (const text of [failure.message, failure.stack ?? '', rows]) {
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain(TOKEN);
      expect(text).not.toMatch(/v1=[0-9a-f]/);
    }
  });
});

describe('a Linear step and its row in the ledger', () => {
  it('cut off between project and issues, makes one project, and its undo is told once', async () => {
    const linear = await fakeLinear();
    const steps = stepsWith({ database, crms: {}, linear: { baseUrl: linear.baseUrl, apiKey: LINEAR_KEY } });
    const input = stepInput({ kind: 'linear_project', team: 'IMP', name: 'Onboard', issues: [{ title: 'Import' }] });
    linear.strike('CreateIssues', 'lost_before');
    await failureOf(steps.run(input));
    const outcome = await steps.run(input);
    expect([linear.projects.size, linear.issues.size, outcome.ids.issue_1]).toEqual([1, 1, 'IMP-1']);
    expect(await steps.undo(input, outcome)).toMatchObject({ state: 'undone' });
    const asked = linear.asked.length;
    expect(await steps.undo(input, outcome)).toMatchObject({ state: 'undone' });
    expect(linear.asked.length).toBe(asked);
  });
});

describe('a workflow step and its row in the ledger', () => {
  it('is not done before the workflow says that its child is', async () => {
    const steps = stepsWith({ database, crms: {} });
    const input = stepInput({ kind: 'workflow', type: 'provision', taskQueue: 'onboarding' });
    const { child, ...outcome } = await steps.run(input);
    expect(child?.workflowId).toBe(`${input.workflowId}/r1/on_booked/1/it`);
    // A crash before the child was started: the same child again.
    expect((await steps.run(input)).child).toEqual(child);
    await steps.settle(input, { ...outcome, ids: { workflowId: child?.workflowId ?? '', runId: 'run' } });
    expect(await steps.run(input)).toMatchObject({ ids: { runId: 'run' } });
  });
});
