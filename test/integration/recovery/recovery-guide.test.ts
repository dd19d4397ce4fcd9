/**
 * SkipUp's guide to lead recovery pipelines, claim by claim, as what Kickoff does: against the sandbox over HTTP, with
 * Temporal and the database as they are.
 *
 * | the guide says                                                   | tests                                     |
 * |------------------------------------------------------------------|-------------------------------------------|
 * | a form, no meeting after a delay of 15 to 60 minutes              | the delay (also recovery-waits.test.ts)   |
 * | POST with key, one participant, introduction, context             | the request                               |
 * | the same lead never twice on one day; a new day, a second attempt | once a day                                |
 * | the organizer is an active member, else 422                       | errors                                    |
 * | booked, follow_up_sent, cancelled, and the statuses of each        | events                                    |
 * | 401, 403, 422 for a person; 429 with back-off                     | errors                                    |
 * | a batch of historical leads is safe to run again                  | historical leads                          |
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { showLead, tellLead } from '../../../cli/commands/leads.ts';
import { exampleFile } from '../../../cli/example-files.ts';
import { findRecovery, listMeetingRequests, recordRecovery } from '../../../database/index.ts';
import * as messages from '../../../workflows/messages.ts';
import { describeStack } from '../../harness/stacks.ts';
import { said } from '../registry/said.ts';
import { PATIENCE, REP, recovering } from './recovering.ts';

const folder = mkdtempSync(join(tmpdir(), 'kickoff-recovery-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const configFile = join(folder, 'kickoff.config.yaml');
const example = parse(readFileSync(exampleFile('kickoff.config.yaml'), 'utf8'));
writeFileSync(configFile, JSON.stringify({ ...example, skipup: { requestsPerMinute: 100_000 } }));

describeStack(
  'the guide to lead recovery',
  (stack) => {
    const tools = recovering(stack);
    const { crm, newLead, starter, requestFor, begun, handleOf, inPhase, statusesOf, atSkipUp, postsOf } = tools;
    const ledger = (workflowId: string) => findRecovery(stack().services.database.db, workflowId);
    const today = () => new Date().toISOString().slice(0, 10);
    const fault = (rule: object) => stack().control<{ ids: string[] }>('POST', '/faults', rule);
    const hits = async () => {
      const { faults } = await stack().control<{ faults: { hits: number }[] }>('GET', '/faults');
      return faults.map((rule) => rule.hits);
    };
    const create = { method: 'POST', path: '/meeting_requests' };

    beforeAll(async () => {
      await stack().control('PATCH', '/settings', { rateLimitPerMinute: 0 });
    });
    afterEach(async () => {
      await stack().control('DELETE', '/faults');
    });

    describe('the delay', () => {
      it('nobody is written to while the lead may still book; a person need not wait for it', async () => {
        const lead = newLead();
        const { workflowId } = await starter()(requestFor(lead));
        const waiting = await inPhase(workflowId, 'waiting');
        expect(waiting.waitingFor).toMatch(/^the lead to book by itself, until 20/);
        expect(await postsOf(workflowId)).toEqual([]);
        expect(await handleOf(workflowId).executeUpdate(messages.proceed)).toBe('The recovery goes on.');
        await inPhase(workflowId, 'scheduling');
      });

      it('a lead that has booked meanwhile is left alone: the CRM knows of the meeting', async () => {
        const lead = newLead();
        crm.meetings.set(lead.id, 'Demo on 12 February');
        const { workflowId } = await starter()(requestFor(lead, { waitMinutes: 0 }));
        expect(await handleOf(workflowId).result()).toEqual({
          phase: 'booked_elsewhere',
          outcome: 'the lead has booked by itself: Demo on 12 February',
        });
        expect(await postsOf(workflowId)).toEqual([]);
        await statusesOf(lead, ['Booked by itself']);
        expect(await ledger(workflowId)).toMatchObject({ phase: 'booked_elsewhere', ended_at: expect.any(Date) });
      });

      it('news of a booking ends the wait', async () => {
        const lead = newLead();
        const { workflowId } = await starter()(requestFor(lead));
        await inPhase(workflowId, 'waiting');
        await handleOf(workflowId).signal(messages.leadBooked, { key: 'b1', at: new Date().toISOString() });
        expect(await handleOf(workflowId).result()).toMatchObject({ phase: 'booked_elsewhere' });
        expect(await postsOf(workflowId)).toEqual([]);
        expect(await ledger(workflowId)).toMatchObject({ phase: 'booked_elsewhere', ended_at: expect.any(Date) });
      });
    });

    describe('the request', () => {
      it('has the key of lead and day, one participant, the introduction, and everything that is known of the lead', async () => {
        const { lead, workflowId, status } = await begun();
        expect(workflowId).toBe(`lead:${lead.id}:recovery:${today()}`);
        const [post, ...others] = await postsOf(workflowId);
        expect(others).toEqual([]);
        expect(post).toMatchObject({ method: 'POST', status: 202, idempotencyKey: workflowId });
        expect(post?.body).toEqual({
          organizer_email: REP,
          participants: [{ email: lead.email, name: 'Sarah Chen', timezone: 'America/Los_Angeles' }],
          include_introduction: true,
          context: {
            title: 'Demo: YourProduct for Acme Corp',
            purpose: 'Product demo requested via website form',
            description:
              'Sarah Chen (VP of Operations, Acme Corp) submitted Demo request on 2026-02-08. ' +
              'Company size: 50-200 employees. Primary interest: automating vendor onboarding workflows.',
            duration_minutes: 30,
            timeframe: status.request?.timeframe,
          },
        });
        const { start = '', end = '' } = status.request?.timeframe ?? {};
        expect(Date.parse(start)).toBeGreaterThan(Date.now());
        expect(end).toMatch(/:59Z$/);
        expect(await ledger(workflowId)).toMatchObject({ phase: 'scheduling', organizer: { email: REP } });
      });

      it('is not sent again when its answer is lost', async () => {
        await fault({ fault: 'drop', ...create, when: 'after', next: 1 });
        const { workflowId } = await begun();
        const posts = await postsOf(workflowId);
        expect(new Set(posts.map(({ idempotencyKey }) => idempotencyKey))).toEqual(new Set([workflowId]));
        expect(await listMeetingRequests(stack().services.database.db, workflowId)).toHaveLength(1);
      });
    });

    describe('once a day', () => {
      it('a repeated event, another submission and a person all find the lead taken up', async () => {
        const lead = newLead();
        const start = starter();
        const request = requestFor(lead);
        const first = await start(request);
        expect(first).toMatchObject({ started: true });
        expect(await start(request)).toMatchObject({ started: true, workflowId: first.workflowId });
        const later = { ...tools.form, submittedAt: '2026-02-08T11:00:00.000Z' };
        expect(await start(requestFor(lead, { form: later }))).toMatchObject({
          started: false,
          message: `Lead ${lead.id} is being recovered already (waiting).`,
        });
        await handleOf(first.workflowId).executeUpdate(messages.cancel, { args: [{ reason: 'met at a fair' }] });
        await handleOf(first.workflowId).result();
        expect(await start(requestFor(lead, { form: later }))).toMatchObject({
          started: false,
          message: `Lead ${lead.id} has been taken up today already (cancelled); it is at most once a day.`,
        });
        expect(await start(requestFor(lead, { form: later, reopen: true }))).toMatchObject({ started: false });
      });

      it('on another day a new submission is a second attempt, and recovery.attempts ends it', async () => {
        const { lead, workflowId } = await begun();
        await handleOf(workflowId).executeUpdate(messages.cancel, { args: [{ reason: 'on holiday' }] });
        await handleOf(workflowId).result();
        const { db } = stack().services.database;
        const yesterday = workflowId.replace(today(), '2026-02-08');
        await db
          .updateTable('recoveries')
          .set({ workflow_id: yesterday })
          .where('workflow_id', '=', workflowId)
          .execute();
        await db
          .updateTable('meeting_requests')
          .set({ workflow_id: yesterday })
          .where('workflow_id', '=', workflowId)
          .execute();
        const again = requestFor(lead, { form: { ...tools.form, submittedAt: '2026-02-09T10:00:00.000Z' } });
        expect(await starter({ attempts: 1 })(again)).toMatchObject({
          started: false,
          message: `Lead ${lead.id} has been asked for a meeting once, and recovery.attempts allows no more.`,
        });
        expect(await starter({ attempts: 2 })({ ...again, lead: { ...lead, id: lead.id } })).toMatchObject({
          message: expect.stringMatching(/has started, for the second time\.$/),
        });
        expect((await ledger(workflowId))?.attempt).toBe(2);
      });

      it('one person who is two leads is written to once', async () => {
        const { lead } = await begun();
        const twin = newLead({ email: lead.email });
        expect(await starter()(requestFor(twin))).toMatchObject({
          started: false,
          message: expect.stringMatching(/^The address of lead .* is being written to already/),
        });
      });
    });

    describe('events', () => {
      it('created, follow_up_sent and booked become the statuses of the guide', async () => {
        const { lead, workflowId } = await begun();
        await statusesOf(lead, ['Meeting Requested']);
        await atSkipUp(workflowId, 'follow_up_sent');
        await statusesOf(lead, ['Meeting Requested', 'Follow-up Sent']);
        await atSkipUp(workflowId, 'booked');
        await statusesOf(lead, ['Meeting Requested', 'Follow-up Sent', 'Meeting Scheduled']);
        const booked = await inPhase(workflowId, 'booked');
        expect(booked.request).toMatchObject({ status: 'booked', followUps: 1 });
        await vi.waitFor(async () => expect((await ledger(workflowId))?.phase).toBe('booked'), PATIENCE);
        expect((await ledger(workflowId))?.ended_at).toBeNull();
      });

      it('cancelled sends the lead back to nurturing, before a booking and after one', async () => {
        const { lead, workflowId } = await begun();
        await statusesOf(lead, ['Meeting Requested']);
        await atSkipUp(workflowId, 'cancelled');
        expect(await handleOf(workflowId).result()).toMatchObject({
          phase: 'cancelled',
          outcome: 'cancelled at SkipUp',
        });
        await statusesOf(lead, ['Meeting Requested', 'Re-enter Nurture']);
        const late = await begun();
        await atSkipUp(late.workflowId, 'booked');
        await inPhase(late.workflowId, 'booked');
        await statusesOf(late.lead, ['Meeting Requested', 'Meeting Scheduled']);
        await atSkipUp(late.workflowId, 'cancelled');
        expect(await handleOf(late.workflowId).result()).toMatchObject({ phase: 'cancelled' });
        await statusesOf(late.lead, ['Meeting Requested', 'Meeting Scheduled', 'Re-enter Nurture']);
        expect(await ledger(late.workflowId)).toMatchObject({ phase: 'cancelled', ended_at: expect.any(Date) });
      });

      it('a pause is known to workflow and ledger, and a person resumes', async () => {
        const { workflowId } = await begun();
        await atSkipUp(workflowId, 'paused');
        await inPhase(workflowId, 'paused');
        await vi.waitFor(async () => expect((await ledger(workflowId))?.phase).toBe('paused'), PATIENCE);
        expect(await handleOf(workflowId).executeUpdate(messages.resume)).toBe('The scheduling goes on.');
        await inPhase(workflowId, 'scheduling');
        await vi.waitFor(async () => expect((await ledger(workflowId))?.phase).toBe('scheduling'), PATIENCE);
      });

      it('a booking elsewhere cancels the request, and the lead is not told', async () => {
        const { lead, workflowId, status } = await begun();
        await handleOf(workflowId).signal(messages.leadBooked, {
          key: 'b2',
          at: new Date().toISOString(),
          meeting: 'Call with Kim',
        });
        expect(await handleOf(workflowId).result()).toMatchObject({
          phase: 'booked_elsewhere',
          outcome: 'the lead has booked by itself: Call with Kim',
        });
        const request = await stack().control<{ status: string }>('GET', `/meeting_requests/${status.request?.id}`);
        expect(request.status).toBe('cancelled');
        await statusesOf(lead, ['Meeting Requested', 'Booked by itself']);
      });

      it('booked through SkipUp and elsewhere at one time: both are known, and a person is told', async () => {
        const { lead, workflowId } = await begun();
        // SkipUp's webhook comes after the news of the other booking.
        await fault({ fault: 'webhook_drop', event: 'meeting_request.booked', next: 1 });
        await atSkipUp(workflowId, 'booked');
        await handleOf(workflowId).signal(messages.leadBooked, { key: 'b3', at: new Date().toISOString() });
        const booked = await inPhase(workflowId, 'booked');
        expect(booked.needs).toEqual([
          'The lead has booked through SkipUp, and the lead has booked a meeting by itself. If these are two meetings, call one off.',
        ]);
        await statusesOf(lead, ['Meeting Requested', 'Meeting Scheduled']);
        expect(await handleOf(workflowId).executeUpdate(messages.proceed)).toBe('The recovery goes on.');
        expect((await tools.statusOf(workflowId)).needs).toEqual([]);
      });
    });

    describe('errors', () => {
      it.each([
        [401, /SKIPUP_API_KEY/],
        [403, /scope/],
      ])('a %i is not tried again: a person is told what to do, and goes on', async (status, advice) => {
        await fault({ fault: 'status', ...create, status });
        const { workflowId, status: waiting } = await begun('needs_attention');
        expect(waiting.needs.join()).toMatch(advice);
        await vi.waitFor(async () => expect((await ledger(workflowId))?.needs.join()).toMatch(advice), PATIENCE);
        expect(await hits()).toEqual([1]);
        await stack().control('DELETE', '/faults');
        await handleOf(workflowId).executeUpdate(messages.proceed);
        await inPhase(workflowId, 'scheduling');
        expect((await postsOf(workflowId)).map(({ idempotencyKey }) => idempotencyKey)).toEqual([
          workflowId.replace(/:([^:]*)$/, ':r2:$1'),
        ]);
      });

      it('an organizer who is no member is never sent; another one goes on under the lead’s key', async () => {
        const { workflowId, status } = await begun('needs_attention', {
          lead: { owner: { email: 'nobody@elsewhere.example' } },
        });
        expect(status.needs).toEqual([
          expect.stringMatching(/^nobody@elsewhere\.example is no active member .*`changeOrganizer`/),
        ]);
        expect(await ledger(workflowId)).toMatchObject({ phase: 'needs_attention', needs: status.needs });
        const answer = await handleOf(workflowId).executeUpdate(messages.changeOrganizer, { args: [{ email: REP }] });
        expect(answer).toBe(`${REP} is the organizer; the recovery goes on.`);
        await inPhase(workflowId, 'scheduling');
        expect(await postsOf(workflowId)).toMatchObject([{ status: 202, idempotencyKey: workflowId }]);
      });

      it('an organizer of whom nobody can say whether they are a member is a 422; another one has a key of their own', async () => {
        await fault({ fault: 'status', method: 'GET', path: '/workspace_members', status: 503 });
        const { workflowId, status } = await begun('needs_attention', {
          lead: { owner: { email: 'somebody@elsewhere.example' } },
        });
        expect(status.needs.join()).toMatch(/^SkipUp refused the request/);
        await handleOf(workflowId).executeUpdate(messages.changeOrganizer, { args: [{ email: REP }] });
        await inPhase(workflowId, 'scheduling');
        const posts = await postsOf(workflowId);
        expect(posts.map(({ status: answered }) => answered)).toEqual([422, 202]);
        expect(posts[1]?.idempotencyKey).toBe(workflowId.replace(/:([^:]*)$/, ':r2:$1'));
      });

      it('a lead without a representative waits until somebody is named', async () => {
        const lead = newLead();
        const { owner: _nobody, ...ownerless } = lead;
        crm.leads.set(lead.id, ownerless);
        const { workflowId } = await starter()(requestFor(ownerless, { waitMinutes: 0 }));
        const waiting = await inPhase(workflowId, 'needs_attention');
        expect(waiting.needs.join()).toMatch(/^Nobody organizes/);
        await handleOf(workflowId).executeUpdate(messages.changeOrganizer, { args: [{ email: REP }] });
        await inPhase(workflowId, 'scheduling');
      });

      it('a 429 and an outage are waited out by themselves', async () => {
        await fault({ fault: 'status', ...create, status: 429, headers: { 'retry-after': '1' }, next: 1 });
        await fault({ fault: 'status', ...create, status: 503, next: 1 });
        const { workflowId } = await begun();
        expect(await hits()).toEqual([1, 1]);
        expect(await postsOf(workflowId)).toMatchObject([{ status: 202, idempotencyKey: workflowId }]);
      });
    });

    describe('historical leads', () => {
      it('a batch may be run again: nobody is written to twice', async () => {
        const batch = [newLead(), newLead()];
        const run = async (name: string) =>
          await Promise.all(
            batch.map((lead) =>
              starter()(requestFor(lead, { origin: tools.origin(`${name}:${lead.id}`, 'backfill'), waitMinutes: 0 })),
            ),
          );
        const first = await run('backfill-1');
        expect(first.map(({ started }) => started)).toEqual([true, true]);
        for (const { workflowId } of first) await inPhase(workflowId, 'scheduling');
        // The same batch, whose answer was lost, and another one a while later.
        expect((await run('backfill-1')).map(({ started }) => started)).toEqual([true, true]);
        expect((await run('backfill-2')).map(({ started }) => started)).toEqual([false, false]);
        for (const { workflowId } of first) {
          await handleOf(workflowId).executeUpdate(messages.cancel, { args: [{ reason: 'enough' }] });
          await handleOf(workflowId).result();
          expect(await postsOf(workflowId)).toHaveLength(1);
        }
        expect((await run('backfill-3')).map(({ message }) => message)).toEqual(
          batch.map(
            ({ id }) => `Lead ${id}: this submission, or a later one, has been followed up already (cancelled).`,
          ),
        );
      });
    });

    describe('who has opted out', () => {
      it.each(['the CRM', 'the list of addresses', 'the registry'])('is never taken up: by %s', async (where) => {
        const lead = newLead({ optedOut: where === 'the CRM' });
        const { db } = stack().services.database;
        if (where === 'the list of addresses') {
          await db
            .insertInto('opt_outs')
            .values({ email: lead.email, reason: 'asked us to', recorded_by: 'test' })
            .execute();
        } else if (where === 'the registry') {
          await db
            .insertInto('stakeholders')
            .values({
              account_id: 'any',
              email: lead.email,
              side: 'customer',
              roles: '[]',
              attendance: '{}',
              opted_out: true,
              source: 'import',
            })
            .execute();
        }
        expect(await starter()(requestFor(lead))).toMatchObject({
          started: false,
          message: expect.stringMatching(/ may not be written to: /),
        });
      });

      it('while it had time to book, is not written to', async () => {
        const lead = newLead();
        const { workflowId } = await starter()(requestFor(lead));
        await inPhase(workflowId, 'waiting');
        crm.optedOut.add(lead.id);
        await handleOf(workflowId).executeUpdate(messages.proceed);
        expect(await handleOf(workflowId).result()).toEqual({ phase: 'opted_out', outcome: 'opted out in the CRM' });
        expect(await postsOf(workflowId)).toEqual([]);
        expect(crm.statuses.get(lead.id)).toBeUndefined();
      });
    });

    describe('by hand', () => {
      it('the command line shows a lead, tells its recovery something, and says why not', async () => {
        const { lead, workflowId } = await begun();
        const context = {
          cwd: folder,
          env: {
            TEMPORAL_ADDRESS: stack().config.temporal.address,
            TEMPORAL_NAMESPACE: stack().config.temporal.namespace,
          },
        };
        const shown = await said(context, (command) => showLead(command, workflowId, {}));
        expect(shown.texts[0]).toMatch(/^Sarah Chen, Acme Corp: scheduling\nLead 9f2k/);
        expect(shown.texts[0]).toContain(`kickoff leads pause ${workflowId}`);
        const pause = { name: 'pause', send: (handle: WorkflowHandle) => handle.executeUpdate(messages.pause) };
        const told = await said(context, (command) => tellLead(command, workflowId, {}, pause));
        expect(told.texts).toEqual(['The scheduling is paused.']);
        await expect(said(context, (command) => tellLead(command, workflowId, {}, pause))).rejects.toThrow(
          'pause is possible while the recovery is scheduling; it is paused now.',
        );
        await expect(said(context, (command) => showLead(command, `${lead.id}-unknown`, {}))).rejects.toThrow(
          /has no recovery that runs here/,
        );
      });
    });

    describe('a crash', () => {
      it('between the claim and the start is mended by the repetition', async () => {
        const lead = newLead();
        const request = requestFor(lead, { waitMinutes: 0 });
        const { temporal, database } = stack().services;
        const { recoveryStarter } = await import('../../../temporal/index.ts');
        const broken = recoveryStarter({
          client: {
            ...temporal.client,
            workflow: { start: () => Promise.reject(new Error('the process died')) },
          } as unknown as typeof temporal.client,
          database,
          policy: tools.policy,
        });
        await expect(broken(request)).rejects.toThrow('the process died');
        const workflowId = `lead:${lead.id}:recovery:${today()}`;
        expect(await ledger(workflowId)).toMatchObject({ started_at: null });
        expect(await starter()(request)).toMatchObject({ started: true, workflowId });
        await inPhase(workflowId, 'scheduling');
        expect(await ledger(workflowId)).toMatchObject({ started_at: expect.any(Date) });
      });

      it('a workflow that was ended without a word does not hold its lead', async () => {
        const { lead, workflowId } = await begun();
        await handleOf(workflowId).terminate('by hand');
        const later = { ...tools.form, submittedAt: '2026-02-10T10:00:00.000Z' };
        await starter()(requestFor(lead, { form: later }));
        expect(await ledger(workflowId)).toMatchObject({ phase: 'failed', ended_at: expect.any(Date) });
        expect(await recordRecovery(stack().services.database.db, { workflowId, phase: 'scheduling' })).toBe(false);
      });
    });
  },
  { configFile },
);
