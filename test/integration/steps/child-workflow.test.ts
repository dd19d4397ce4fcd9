import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { exampleFile } from '../../../cli/example-files.ts';
import { listSteps } from '../../../database/index.ts';
import { kickoffWorkflowId } from '../../../workflows/messages.ts';
import { realParts } from '../../harness/real-parts.ts';
import {
  inPhase,
  kickoffOf,
  newDeal,
  sendHubSpotEvent,
  startTestStack,
  statusOf,
  type TestStack,
  winQuietly,
} from '../../harness/stack.ts';
import { end } from '../waits/fixture-workflows.ts';

const THEIRS = 'theirs';
const PATIENCE = { timeout: 30_000, interval: 50 };

/** Answers at once; for deals in `hanging`, never. */
function listening(hanging: Set<string>, asked: { deal: string; closed: boolean }[]): Server {
  return createServer((request, response) => {
    const deal = request.url?.split('/').at(-1) ?? '';
    const call = { deal, closed: false };
    asked.push(call);
    response.on('close', () => {
      call.closed = true;
    });
    request.resume();
    if (!hanging.has(deal)) response.writeHead(201, { 'content-type': 'application/json' }).end('{}');
  });
}

/** Rules under which a booking starts a workflow of the team's own, and calls a system that may not answer. */
function rules(port: number): string {
  const known = parse(readFileSync(exampleFile('kickoff.config.yaml'), 'utf8'));
  const { steps, ...kickoff } = known.kickoff;
  const workflow = {
    kind: 'workflow',
    type: 'provision',
    taskQueue: THEIRS,
    input: { account: '{{deal.account.name}}' },
  };
  return stringify({
    ...known,
    stepCalls: { allowPrivate: ['127.0.0.1'], timeoutSeconds: 120 },
    kickoff: {
      ...kickoff,
      steps: {
        ...steps,
        on_booked: [
          { id: 'tenant', ...workflow, until: 'ended' },
          {
            id: 'tell',
            kind: 'crm_note',
            text: '{{steps.tenant.ids.tenant}}, {{steps.tenant.url}}',
            after: ['tenant'],
          },
          { id: 'watch', ...workflow, until: 'started' },
          // A regular activity from the start.
          {
            id: 'call',
            kind: 'http',
            url: `http://127.0.0.1:${port}/deals/{{deal.id}}`,
            retry: { attempts: 1 },
          },
        ],
      },
    },
  });
}

const { temporalAddress, missing } = realParts();

describe.skipIf(temporalAddress === undefined)(
  `steps whose other side is somebody's own${missing.temporal === undefined ? '' : ` (skipped: ${missing.temporal})`}`,
  () => {
    const hanging = new Set<string>();
    const asked: { deal: string; closed: boolean }[] = [];
    const server = listening(hanging, asked);
    const folder = mkdtempSync(join(tmpdir(), 'kickoff-child-'));
    let stack: TestStack;
    let theirs: Worker;
    let connection: NativeConnection;
    let working: Promise<void>;

    beforeAll(async () => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address: AddressInfo | string | null = server.address();
      if (temporalAddress === undefined || address === null || typeof address === 'string') throw new Error('no port');
      const configFile = join(folder, 'kickoff.config.yaml');
      writeFileSync(configFile, rules(address.port));
      stack = await startTestStack({ temporalAddress, configFile });
      connection = await NativeConnection.connect({ address: temporalAddress });
      theirs = await Worker.create({
        connection,
        namespace: stack.services.temporal.client.options.namespace,
        taskQueue: THEIRS,
        workflowsPath: fileURLToPath(new URL('../waits/fixture-workflows.ts', import.meta.url)),
      });
      working = theirs.run();
    });
    afterAll(async () => {
      theirs?.shutdown();
      await working;
      await connection?.close();
      await stack?.stop();
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const rowsOf = async (dealId: string) => {
      const rows = await listSteps(stack.services.database.db, kickoffWorkflowId(dealId));
      return new Map(rows.map((row) => [row.step_id, row]));
    };
    const childOf = (dealId: string, step: string) =>
      stack.services.temporal.client.workflow.getHandle(`${kickoffWorkflowId(dealId)}/r1/on_booked/1/${step}`);
    const atSkipUp = async (dealId: string, event: string) => {
      const { request } = await statusOf(stack, dealId);
      await stack.control('POST', `/meeting_requests/${request?.id}/events`, { event });
    };
    const booked = async (dealId: string) => {
      await winQuietly(stack, dealId);
      await sendHubSpotEvent(stack, dealId);
      await inPhase(stack, dealId, 'scheduling');
      await atSkipUp(dealId, 'booked');
      await vi.waitFor(async () => {
        const { steps } = await statusOf(stack, dealId);
        expect(steps.find(({ id }) => id === 'watch')?.state).toBe('done');
        expect(asked.map(({ deal }) => deal)).toContain(dealId);
        expect((await childOf(dealId, 'tenant').describe()).status.name).toBe('RUNNING');
      }, PATIENCE);
    };

    it('a child runs on its own task queue; what it returns is in the ledger and in a later step’s text', async () => {
      const dealId = await newDeal(stack);
      await booked(dealId);
      expect((await statusOf(stack, dealId)).phase).toBe('onboarding');
      await childOf(dealId, 'tenant').signal(end, 'done');
      const { steps } = await inPhase(stack, dealId, 'done');
      expect(steps.find(({ id }) => id === 'tenant')).toMatchObject({
        state: 'done',
        url: 'https://tenants.example/1',
      });
      const rows = await rowsOf(dealId);
      expect(rows.get('tenant')).toMatchObject({
        status: 'done',
        outcome: {
          url: 'https://tenants.example/1',
          ids: {
            workflowId: `${kickoffWorkflowId(dealId)}/r1/on_booked/1/tenant`,
            runId: expect.stringMatching(/^[0-9a-f-]{36}$/),
            tenant: 'tenant of Acme Corp',
          },
        },
      });
      expect(rows.get('watch')).toMatchObject({ status: 'done' });
      const deal = await stack.control<{ notes: { body: string }[] }>('GET', `/crm/deals/${dealId}`);
      expect(JSON.stringify(deal)).toContain('tenant of Acme Corp, https://tenants.example/1');
    });

    it('the booking is cancelled: children are told to cancel, a call that hangs is cut off at once', async () => {
      const dealId = await newDeal(stack);
      hanging.add(dealId);
      await booked(dealId);
      await atSkipUp(dealId, 'cancelled');
      await vi.waitFor(async () => {
        const { steps } = await statusOf(stack, dealId);
        const states = steps.filter(({ list }) => list === 'on_booked').map(({ id, state }) => [id, state]);
        expect(Object.fromEntries(states)).toEqual({
          tenant: 'undone',
          tell: 'skipped',
          watch: 'undone',
          call: 'left',
        });
      }, PATIENCE);
      expect(asked.find(({ deal }) => deal === dealId)?.closed).toBe(true);
      for (const step of ['tenant', 'watch']) {
        await expect(childOf(dealId, step).result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
      }
      const { events } = await kickoffOf(stack, dealId).fetchHistory();
      const ends = (events ?? []).map((event) => [
        event.activityTaskCanceledEventAttributes != null,
        event.activityTaskTimedOutEventAttributes != null,
      ]);
      expect(ends.filter(([cancelled]) => cancelled)).toHaveLength(1);
      expect(ends.filter(([, timedOut]) => timedOut)).toEqual([]);
      expect((await rowsOf(dealId)).get('call')).toMatchObject({ status: 'left', attempts: 1 });
    });
  },
);
