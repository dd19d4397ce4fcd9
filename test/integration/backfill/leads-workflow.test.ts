import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { exampleFile } from '../../../cli/example-files.ts';
import {
  beginMeetingRequest,
  claimRecovery,
  findRecovery,
  listRecoveries,
  markRecoveryStarted,
  optOut,
  recordRecovery,
} from '../../../database/index.ts';
import * as messages from '../../../workflows/messages.ts';
import { describeStack } from '../../harness/stacks.ts';

const folder = mkdtempSync(join(tmpdir(), 'kickoff-leads-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const configFile = join(folder, 'kickoff.config.yaml');
const example = parse(readFileSync(exampleFile('kickoff.config.yaml'), 'utf8'));
const STATUSES = {
  on_requested: [{ id: 'requested', kind: 'crm_status', status: 'Meeting Requested' }],
  on_booked_elsewhere: [{ id: 'elsewhere', kind: 'crm_status', status: 'Booked by itself' }],
};
writeFileSync(
  configFile,
  JSON.stringify({
    ...example,
    // Nobody but HubSpot has leads here.
    crm: { hubspot: {} },
    skipup: { requestsPerMinute: 100_000 },
    recovery: { vendor: 'YourProduct', attempts: 1, steps: STATUSES },
  }),
);
const PATIENCE = { timeout: 20_000, interval: 50 };
const FIRST = 2_000_000_000;
const COUNT = 12;
const [LAST_WEEK, OPTED_OUT, ASKED] = [FIRST, FIRST + 1, FIRST + 2];
const WINDOW = { submittedAfter: '2025-01-01', submittedBefore: '2025-02-01' };

describeStack(
  'leads',
  (stack) => {
    const db = () => stack().services.database.db;
    const client = () => stack().services.temporal.client.workflow;
    const today = () => new Date().toISOString().slice(0, 10);
    const statusOf = (workflowId: string) => client().getHandle(workflowId).query(messages.recoveryStatus);
    const inPhase = async (workflowId: string, phase: messages.RecoveryPhase) =>
      await vi.waitFor(async () => {
        const status = await statusOf(workflowId);
        if (status.phase !== phase) throw new Error(`${workflowId} is ${status.phase}: ${status.needs.join()}`);
        return status;
      }, PATIENCE);
    const backfill = async (id: string) =>
      await client().execute<(input: messages.BackfillInput) => Promise<messages.BackfillProgress>>(
        messages.WORKFLOW_TYPES.backfill,
        {
          workflowId: `backfill-${id}`,
          taskQueue: messages.KICKOFF_TASK_QUEUE,
          args: [{ of: 'leads', crm: 'hubspot', ...WINDOW, perMinute: 100_000 }],
        },
      );
    /** The keys under which requests were made. */
    const requested = async () => {
      const { entries } = await stack().control<{
        entries: { method: string; path: string; idempotencyKey?: string }[];
      }>('GET', '/journal?type=api&limit=1000');
      return entries.flatMap(({ method, path, idempotencyKey }) =>
        method === 'POST' && path.endsWith('/meeting_requests') ? [idempotencyKey ?? ''] : [],
      );
    };
    /** A recovery that was over long before; with a request of its own, or with none. */
    const formerly = async (leadId: number, submittedAt: string, isRequested: boolean) => {
      const workflowId = `lead:${leadId}:recovery:2025-01-02`;
      const [lead, form] = [{ id: String(leadId) }, { name: 'Demo request', submittedAt, answers: {} }];
      const email = `lead-${leadId}@company-${leadId}.example`;
      const claim = { workflowId, crm: 'hubspot', leadId: lead.id, email, attempt: 1, lead, form, origin: {} };
      await claimRecovery(db(), claim);
      await markRecoveryStarted(db(), workflowId);
      if (isRequested) {
        await beginMeetingRequest(db(), {
          ...{ idempotencyKey: workflowId, workflowId, revision: 1, participantEmails: [email] },
          ...{ organizerEmail: 'jordan.lee@yourcompany.example', firstTriedAt: '2025-01-02T10:00:00Z' },
          ...{ timeframeStart: '2025-01-03T00:00:00Z', timeframeEnd: '2025-01-10T00:00:00Z' },
        });
      }
      await recordRecovery(db(), { workflowId, phase: 'expired' });
    };

    beforeAll(async () => {
      await stack().control('PATCH', '/settings', { rateLimitPerMinute: 0, crmSearchesPerSecond: 0 });
    });

    it('of long ago are taken up once: none that has a meeting, wants no mail, or was asked; a second run doubles nobody', async () => {
      await stack().control('POST', '/crm/contacts/bulk', {
        count: COUNT,
        firstId: String(FIRST),
        ...{ submittedFrom: '2025-01-01T00:00:00Z', submittedTo: '2025-02-01T00:00:00Z' },
        ...{ meetingEvery: 4, optedOutEvery: 6 },
      });
      await formerly(LAST_WEEK, '2025-01-31T23:00:00.000Z', false);
      await formerly(ASKED, '2024-12-01T00:00:00.000Z', true);
      await optOut(db(), {
        email: `Lead-${OPTED_OUT}@company-${OPTED_OUT}.example`,
        reason: 'asked us',
        recordedBy: 'kim',
      });
      expect(await backfill('first')).toMatchObject({
        ...{ state: 'done', scanned: COUNT, started: 5, failed: 0 },
        skipped: {
          'this submission has been followed up': 1,
          'has a meeting': 2,
          // One by the list of addresses.
          'has opted out': 3,
          'has been asked as often as recovery.attempts allows': 1,
        },
      });
      const begun = [4, 6, 8, 9, 10].map((nth) => `lead:${FIRST + nth}:recovery:${today()}`);
      for (const workflowId of begun) await inPhase(workflowId, 'scheduling');
      expect((await requested()).toSorted()).toEqual(begun.toSorted());

      const [first = '', second = ''] = begun;
      await client()
        .getHandle(first)
        .executeUpdate(messages.cancel, { args: [{ reason: 'we have met' }] });
      await client().getHandle(first).result();
      await client()
        .getHandle(second)
        .executeUpdate(messages.cancel, { args: [{ reason: 'we have met' }] });
      await client().getHandle(second).result();
      // It fills in the form once more, on the same day; of the window as it was it is no part any more.
      const fresh = `${FIRST + 6}`;
      const services = stack().services;
      const lead = await services.crms.hubspot?.leads?.readLead({ id: fresh });
      if (lead === undefined) throw new Error('the CRM has lost it');
      const form = { name: 'Demo request', submittedAt: new Date().toISOString(), answers: {} };
      const origin = { kind: 'backfill', reference: 'tonight', receivedAt: form.submittedAt } as const;
      expect(await services.startRecovery?.({ lead, form, origin })).toMatchObject({
        ...{ started: false, refusal: { why: 'today', phase: 'cancelled' } },
      });

      expect(await backfill('second')).toMatchObject({
        ...{ state: 'done', scanned: COUNT, started: 0, failed: 0 },
        skipped: {
          'is being recovered (scheduling)': 3,
          'this submission has been followed up': 3,
          'has a meeting': 2,
        },
      });
      expect((await requested()).toSorted()).toEqual(begun.toSorted());
      expect(await listRecoveries(db(), { limit: 100 })).toHaveLength(begun.length + 2);
    });

    const unknown = {
      id: 'of-nobody',
      crm: 'generic',
      email: 'robin@nowhere.example',
      name: 'Robin',
      owner: { email: 'jordan.lee@yourcompany.example' },
      optedOut: false,
    } as const;
    const start = async (changes: object) => {
      const form = { name: 'Demo request', submittedAt: new Date().toISOString(), answers: {} };
      const lead = { ...unknown, ...changes };
      const origin = { kind: 'form', reference: lead.id, receivedAt: form.submittedAt } as const;
      const started = await stack().services.startRecovery?.({ lead, form, origin, waitMinutes: 0 });
      return started?.workflowId ?? '';
    };

    it('that no CRM has are written to all the same; what would be written to the CRM says that there is none', async () => {
      expect(stack().services.crms.generic).toBeUndefined();
      const workflowId = await start({});
      await inPhase(workflowId, 'scheduling');
      const written = async (list: string) =>
        await vi.waitFor(async () => {
          const step = (await statusOf(workflowId)).steps.find((one) => one.list === list && one.state === 'done');
          return step?.detail ?? Promise.reject(new Error(`${list} has not run`));
        }, PATIENCE);
      expect(await written('on_requested')).toBe(
        'No CRM has this lead: the status “Meeting Requested” is written nowhere',
      );
      await client()
        .getHandle(workflowId)
        .signal(messages.leadBooked, { key: 'b1', at: new Date().toISOString(), meeting: 'A call' });
      expect(await client().getHandle(workflowId).result()).toMatchObject({
        phase: 'booked_elsewhere',
        outcome: 'the lead has booked by itself: A call',
      });
      expect(await findRecovery(db(), workflowId)).toMatchObject({ phase: 'booked_elsewhere' });
    });

    it('whose request may exist are not over in the ledger before it is called off', async () => {
      const contact = String(FIRST + 50);
      const owner = { id: '7001', email: unknown.owner.email, firstName: 'Jordan', lastName: 'Lee' };
      const person = { email: 'quinn@late.example', firstName: 'Quinn', lastName: 'Late', owner };
      await stack().control('PUT', `/crm/contacts/${contact}`, person);
      // SkipUp is away: whether it has taken what was sent nobody knows.
      await stack().control('POST', '/faults', { fault: 'status', status: 503, path: '/meeting_requests*' });
      const workflowId = await start({ id: contact, crm: 'hubspot', email: person.email });
      await inPhase(workflowId, 'requesting');
      const handle = client().getHandle(workflowId);
      const refusal = handle.executeUpdate(messages.cancel, { args: [{ reason: 'we have met' }] });
      await expect(refusal).rejects.toThrow();
      await inPhase(workflowId, 'needs_attention');
      await stack().control('POST', `/crm/contacts/${contact}/meeting`, { title: 'A demo', notify: false });
      await handle.executeUpdate(messages.proceed);
      await vi.waitFor(async () => {
        const { waitingFor } = await statusOf(workflowId);
        expect(waitingFor).toMatch(/^SkipUp to cancel the meeting request/);
      }, PATIENCE);
      expect(await findRecovery(db(), workflowId)).toMatchObject({ ended_at: null });
      await stack().control('DELETE', '/faults');
      expect(await handle.result()).toMatchObject({ phase: 'booked_elsewhere' });
      expect(await findRecovery(db(), workflowId)).toMatchObject({ phase: 'booked_elsewhere' });
    });
  },
  { configFile },
);
