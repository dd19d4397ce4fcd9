import { expect, it } from 'vitest';
import { wakeKickoffs } from '../../../cli/wake-kickoffs.ts';
import { applyImport, parseRegistry } from '../../../registry/index.ts';
import * as messages from '../../../workflows/messages.ts';
import {
  inPhase,
  kickoffOf,
  newDeal,
  requestsOf,
  sendHubSpotEvent,
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

  it('an organizer whom SkipUp does not know makes it wait; another one sends it on, under a key of its own', async () => {
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
    expect(waiting.needs.join(' ')).toMatch(/SkipUp refused/);
    await kickoffOf(stack(), dealId).executeUpdate(messages.changeOrganizer, {
      args: [{ email: stack().sandbox.organizer }],
    });
    const going = await inPhase(stack(), dealId, 'scheduling');
    expect(going.organizer?.email).toBe(stack().sandbox.organizer);
    expect(going.request?.key).toContain(':r2:');
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
});
