import { tmpdir } from 'node:os';
import { expect, it, vi } from 'vitest';
import { type HandOverOptions, handOver } from '../../../cli/commands/hand-over.ts';
import type { JsonDocument, Output } from '../../../cli/output.ts';
import { applyImport, parseRegistry } from '../../../registry/index.ts';
import { handOverId, wakeKickoffs } from '../../../temporal/index.ts';
import * as messages from '../../../workflows/messages.ts';
import {
  inPhase,
  kickoffOf,
  newDeal,
  requestsOf,
  sendHubSpotEvent,
  statusOf,
  type TestStack,
  winQuietly,
} from '../../harness/stack.ts';
import { describeStack } from '../../harness/stacks.ts';

async function dispatch(stack: TestStack, changes: object = {}): Promise<string> {
  const dealId = await newDeal(stack, changes);
  await winQuietly(stack, dealId);
  await sendHubSpotEvent(stack, dealId);
  return dealId;
}

const outsider = { id: '999', email: 'nobody@elsewhere.example', firstName: 'No', lastName: 'Body' };
const emptyAccount = { company: { id: '111222', name: 'Empty Ltd', domain: 'empty.example' }, contacts: [] };

/** How long anything here may take. */
const WAIT = { timeout: 20_000, interval: 50 };
const champion = (email: string) => ({
  id: `4${[...email].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 1_000_000}`,
  email,
  firstName: 'Cha',
  lastName: 'Pion',
  labels: ['Champion'],
  optedOut: false,
});

describeStack('people and a kickoff', (stack) => {
  it('a deal with nobody to invite waits, says what it needs, and goes on with whom a person names', async () => {
    const dealId = await dispatch(stack(), emptyAccount);
    const waiting = await inPhase(stack(), dealId, 'needs_attention');
    expect(waiting.needs.join(' ')).toMatch(/nobody|no customer|participant/i);
    expect(await requestsOf(stack(), dealId)).toEqual([]);
    const answer = await kickoffOf(stack(), dealId).executeUpdate(messages.replaceParticipants, {
      args: [
        {
          participants: [{ email: 'lead@empty.example', name: 'Lee Ad', roles: ['project_lead'] }],
          reason: 'the CRM has none',
        },
      ],
    });
    expect(answer).toMatch(/replaced/);
    const going = await inPhase(stack(), dealId, 'scheduling');
    expect(going.participants.map((person) => person.email)).toEqual(['lead@empty.example']);
  });

  it('a kickoff that waits for people goes on by itself when the registry has them', async () => {
    const company = { id: '555666', name: 'Late Ltd', domain: 'late.example' };
    const dealId = await dispatch(stack(), { company, contacts: [] });
    await inPhase(stack(), dealId, 'needs_attention');
    const { database, temporal } = stack().services;
    const { rows } = parseRegistry(
      'account_id,email,name,side,roles\n555666,lou@late.example,Lou Late,customer,champion\n',
      'csv',
    );
    await applyImport(database.db, rows, { sourceRef: 'test' });
    expect(await wakeKickoffs({ database, client: temporal.client }, new Set(['555666']))).toBe(1);
    const going = await inPhase(stack(), dealId, 'scheduling');
    expect(going.participants.map((person) => person.email)).toEqual(['lou@late.example']);
  });

  it('people who have opted out are never invited, and it is said why', async () => {
    const dealId = await dispatch(stack());
    const { participants, excluded, request } = await inPhase(stack(), dealId, 'scheduling');
    const emails = participants.map((person) => person.email);
    expect(emails).toEqual(expect.arrayContaining(['jamie.chen@acme-corp.example', 'pat.kumar@acme-corp.example']));
    expect(emails).not.toContain('sam.rivera@acme-corp.example');
    expect(excluded.map((person) => person.email)).toContain('sam.rivera@acme-corp.example');
    expect(request?.key).toMatch(new RegExp(`^impl:${dealId}:kickoff:\\d{4}-\\d{2}-\\d{2}$`));
  });

  it('an organizer whom SkipUp does not know makes it wait; nobody has been asked for it; another one sends it on', async () => {
    const dealId = await dispatch(stack(), {
      owner: outsider,
      company: { id: '333444', name: 'Newcomer Inc', domain: 'newcomer.example' },
      contacts: [
        {
          id: '40001',
          email: 'ana@newcomer.example',
          firstName: 'Ana',
          lastName: 'Li',
          labels: ['Champion'],
          optedOut: false,
        },
      ],
    });
    const waiting = await inPhase(stack(), dealId, 'needs_attention');
    expect(waiting.needs.join(' ')).toMatch(/nobody@elsewhere\.example is no active member/);
    expect(waiting.gaps).toContainEqual(expect.objectContaining({ code: 'organizer_not_member', severity: 'block' }));
    expect(await requestsOf(stack(), dealId)).toEqual([]);
    // Gaps that may be accepted are; this is none.
    await kickoffOf(stack(), dealId).executeUpdate(messages.proceed);
    await inPhase(stack(), dealId, 'needs_attention');
    await kickoffOf(stack(), dealId).executeUpdate(messages.changeOrganizer, {
      args: [{ email: stack().sandbox.organizer }],
    });
    const going = await inPhase(stack(), dealId, 'scheduling');
    expect(going.organizer?.email).toBe(stack().sandbox.organizer);
    expect(going.request?.key).not.toContain(':r2:');
    expect(going.why?.map(({ outcome }) => outcome)).toEqual(['organizer', 'participant']);
  });

  it('replacing participants cancels the request and makes a new one on the same day, under a new key', async () => {
    const dealId = await dispatch(stack());
    const first = await inPhase(stack(), dealId, 'scheduling');
    await kickoffOf(stack(), dealId).executeUpdate(messages.replaceParticipants, {
      args: [
        { participants: [{ email: 'jamie.chen@acme-corp.example', roles: ['champion'] }], reason: 'smaller round' },
      ],
    });
    const second = await inPhase(stack(), dealId, 'scheduling');
    expect(second.request?.id).not.toBe(first.request?.id);
    expect(second.request?.key).toContain(':r2:');
    expect((await requestsOf(stack(), dealId)).map((row) => row.id)).toEqual([first.request?.id, second.request?.id]);
  });

  it('is paused, resumed, given a new organizer and cancelled by updates that answer in words', async () => {
    const dealId = await dispatch(stack());
    await inPhase(stack(), dealId, 'scheduling');
    const kickoff = kickoffOf(stack(), dealId);
    expect(await kickoff.executeUpdate(messages.pause)).toMatch(/paused/);
    await inPhase(stack(), dealId, 'paused');
    await expect(kickoff.executeUpdate(messages.pause)).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/it is paused now/) },
    });
    expect(await kickoff.executeUpdate(messages.resume)).toMatch(/goes on/);
    await inPhase(stack(), dealId, 'scheduling');
    expect(
      await kickoff.executeUpdate(messages.changeOrganizer, { args: [{ email: 'morgan.diaz@yourcompany.example' }] }),
    ).toMatch(/organizer now/);
    expect(
      await kickoff.executeUpdate(messages.updateContext, { args: [{ title: 'Kickoff, moved', durationMinutes: 45 }] }),
    ).toMatch(/title, durationMinutes/);
    expect(await kickoff.executeUpdate(messages.cancel, { args: [{ reason: 'postponed' }] })).toMatch(/cancelled/);
    expect(await kickoff.result()).toMatchObject({ phase: 'cancelled', outcome: 'postponed' });
  });

  it('a kickoff that fell through is dispatched again by hand, under the next revision’s key', async () => {
    const dealId = await dispatch(stack());
    await inPhase(stack(), dealId, 'scheduling');
    await kickoffOf(stack(), dealId).executeUpdate(messages.cancel, { args: [{ reason: 'too early' }] });
    await kickoffOf(stack(), dealId).result();
    const { client } = stack().services.temporal;
    const dispatched: messages.DispatchResult = await client.workflow.execute(messages.WORKFLOW_TYPES.dispatch, {
      workflowId: `by-hand-${dealId}`,
      taskQueue: messages.KICKOFF_TASK_QUEUE,
      args: [{ dealId }],
    });
    expect(dispatched).toMatchObject({ started: true, workflowId: `kickoff:${dealId}` });
    expect((await inPhase(stack(), dealId, 'scheduling')).request?.key).toContain(':r2:');
  });

  it('a registry that changes while SkipUp asks is told, and followed by one update', async () => {
    const company = { id: '777888', name: 'Changing Ltd', domain: 'changing.example' };
    const dealId = await dispatch(stack(), { company, contacts: [champion('cho@changing.example')] });
    await inPhase(stack(), dealId, 'scheduling');
    const { database, temporal } = stack().services;
    const header = 'account_id,email,name,side,roles,opted_out';
    const tellOf = async (row: string) => {
      const { rows } = parseRegistry(`${header}\n${row}\n`, 'csv');
      await applyImport(database.db, rows, { sourceRef: 'test' });
      expect(await wakeKickoffs({ database, client: temporal.client }, new Set(['777888']))).toBe(1);
    };
    const needs = async (words: RegExp) =>
      await vi.waitFor(async () => {
        const known = await statusOf(stack(), dealId);
        expect(known.needs.join(' ')).toMatch(words);
        return known;
      }, WAIT);
    await tellOf('777888,dee@changing.example,Dee,customer,executive_sponsor,no');
    const told = await needs(/^The registry now names dee@changing\.example: send/);
    expect(told).toMatchObject({ phase: 'scheduling', revision: 1 });
    expect(told.participants.map(({ email }) => email)).toEqual(['cho@changing.example']);
    await tellOf('777888,dee@changing.example,Dee,customer,executive_sponsor,yes');
    await needs(/^$/);
    await tellOf('777888,eve@changing.example,Eve,customer,it_security,no');
    await needs(/eve@changing\.example/);
    const answer = await kickoffOf(stack(), dealId).executeUpdate(messages.replaceParticipants, {
      args: [{ fromRegistry: true, reason: 'Eve is new' }],
    });
    expect(answer).toMatch(/revision 2/);
    const going = await inPhase(stack(), dealId, 'scheduling');
    expect(going.participants.map(({ email }) => email)).toEqual(['cho@changing.example', 'eve@changing.example']);
    expect(going.request?.key).toContain(':r2:');
    expect((await requestsOf(stack(), dealId)).map(({ status }) => status)).toEqual(['cancelled', 'active']);
  });

  it('whoever leaves SkipUp has all their kickoffs handed over by one update', async () => {
    const email = 'leaver@yourcompany.example';
    await stack().control('POST', '/members', { email, name: 'Lea Ver' });
    const owner = { id: '998', email, firstName: 'Lea', lastName: 'Ver' };
    const dealIds = await Promise.all(
      ['1', '2', '3'].map((id) => {
        const company = { id: `88${id}`, name: `Leaving ${id}`, domain: `leaving${id}.example` };
        return dispatch(stack(), { owner, company, contacts: [champion(`cy@leaving${id}.example`)] });
      }),
    );
    await Promise.all(dealIds.map((dealId) => inPhase(stack(), dealId, 'scheduling')));
    await stack().control('POST', `/members/${email}/deactivate`);
    for (const dealId of dealIds) {
      await vi.waitFor(async () => {
        expect((await statusOf(stack(), dealId)).needs.join()).toMatch(/no active SkipUp member any more/);
      }, WAIT);
    }
    const { client } = stack().services.temporal;
    const handle = client.workflow.getHandle(handOverId(email));
    const listed = await vi.waitFor(async () => {
      const known = await handle.query(messages.handOverStatus);
      expect(known.open).toHaveLength(3);
      return known;
    }, WAIT);
    expect(listed.open).toContainEqual({
      workflowId: `kickoff:${dealIds[0]}`,
      account: 'Leaving 1',
      phase: 'scheduling',
    });
    const giveTo = (to: string) => handle.executeUpdate(messages.handOver, { args: [{ to, reason: 'has left' }] });
    await expect(giveTo(email)).rejects.toMatchObject({ cause: { message: expect.stringMatching(/same person/) } });
    await expect(giveTo('nobody@elsewhere.example')).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/no active member/) },
    });
    expect(await giveTo('morgan.diaz@yourcompany.example')).toBe(
      '3 of 3 handed over to morgan.diaz@yourcompany.example.',
    );
    expect(await handle.result()).toMatchObject({ open: [], done: [{ ok: true }, { ok: true }, { ok: true }] });
    for (const dealId of dealIds) {
      expect(await statusOf(stack(), dealId)).toMatchObject({
        phase: 'scheduling',
        needs: [],
        organizer: { email: 'morgan.diaz@yourcompany.example' },
      });
    }
    // What is over stays so: a look afterwards finds nothing.
    expect(
      await client.workflow.execute(messages.WORKFLOW_TYPES.handOver, {
        workflowId: `${handOverId(email)}:look`,
        taskQueue: messages.KICKOFF_TASK_QUEUE,
        args: [{ email, reason: 'a look', dryRun: true }],
      }),
    ).toMatchObject({ email, done: [] });
  });

  it('`kickoff hand-over` shows what a colleague organizes, and gives it away for a holiday', async () => {
    const email = 'away@yourcompany.example';
    await stack().control('POST', '/members', { email, name: 'A Way' });
    const owner = { id: '996', email, firstName: 'A', lastName: 'Way' };
    const company = { id: '8899', name: 'Holiday Ltd', domain: 'holiday.example' };
    const dealId = await dispatch(stack(), { owner, company, contacts: [champion('ho@holiday.example')] });
    await inPhase(stack(), dealId, 'scheduling');
    const { address, namespace } = stack().config.temporal;
    const told = async (options: HandOverOptions, who = email) => {
      const documents: JsonDocument[] = [];
      const output: Output = { json: true, interactive: false, emit: (document) => documents.push(document) };
      const env = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
      await handOver({ env, cwd: tmpdir(), output, signal: new AbortController().signal }, who, options);
      return documents;
    };
    const open = [{ workflowId: `kickoff:${dealId}`, account: 'Holiday Ltd', phase: 'scheduling' }];
    await expect(told({}, 'away')).rejects.toMatchObject({ exitCode: 2 });
    expect(await told({ dryRun: true })).toMatchObject([{ type: 'organized', email, open }]);
    expect(await told({})).toMatchObject([{ type: 'hand_over', workflowId: handOverId(email), open }]);
    await expect(told({ to: email })).rejects.toMatchObject({
      message: expect.stringMatching(/same person/),
      exitCode: 1,
    });
    const done = [{ workflowId: `kickoff:${dealId}`, ok: true }];
    const to = stack().sandbox.organizer;
    // A look only looks, whatever else stands in its input.
    const looked = await stack().services.temporal.client.workflow.execute(messages.WORKFLOW_TYPES.handOver, {
      workflowId: `${handOverId(email)}:look`,
      taskQueue: messages.KICKOFF_TASK_QUEUE,
      args: [{ email, reason: 'a look', to, dryRun: true }],
    });
    expect(looked).toMatchObject({ open, done: [] });
    expect(await told({ to, reason: 'a holiday' })).toMatchObject([{ type: 'handed_over', to, open: [], done }]);
    expect((await statusOf(stack(), dealId)).organizer?.email).toBe(to);
    await vi.waitFor(async () => {
      expect(await told({ dryRun: true })).toMatchObject([{ open: [] }]);
    }, WAIT);
  });
});
