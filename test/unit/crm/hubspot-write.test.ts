import { describe, expect, it } from 'vitest';
import { createHubSpot } from '../../../crm/index.ts';
import { acme, answerFrom } from './hubspot-records.ts';
import { json, loopback } from './loopback.ts';

const now = () => new Date('2026-11-21T10:00:00Z');

async function portal() {
  const records = acme();
  const server = await loopback(answerFrom(records));
  const crm = createHubSpot({ accessToken: 'pat', baseUrl: server.url, portalId: '33', now });
  return { crm, records, calls: server.calls, baseUrl: server.url };
}

describe('a write to HubSpot', () => {
  it('puts the status and the properties on the deal', async () => {
    const { crm, records, calls } = await portal();
    const result = await crm.writeBack('1148', { status: 'Kickoff Scheduled', properties: { a: 'b' }, marker: 'm' });
    expect(records.deal.properties).toMatchObject({ kickoff_status: 'Kickoff Scheduled', a: 'b' });
    expect(calls).toHaveLength(1);
    expect(result).toEqual({ url: 'https://app.hubspot.com/contacts/33/record/0-3/1148' });
  });

  it('takes the status property that is configured', async () => {
    const { records, baseUrl } = await portal();
    const crm = createHubSpot({ accessToken: 'pat', baseUrl, statusProperty: 'onboarding_state' });
    await crm.writeBack('1148', { status: 'Done', marker: 'm' });
    expect(records.deal.properties.onboarding_state).toBe('Done');
  });

  it('makes a note and a task on the deal, with HubSpot’s association types', async () => {
    const { crm, records, calls } = await portal();
    const write = {
      note: 'Booked & <done>\nsecond line',
      task: { subject: 'Call Jamie', body: 'about the agenda', dueAt: '2026-11-23T09:00:00Z' },
      marker: 'kickoff:1148/on_booked/note',
    };
    const result = await crm.writeBack('1148', write);
    expect(result.noteId).toBe('9000');
    expect(result.taskId).toBe('9000');
    expect(records.notes['9000']).toEqual({
      hs_timestamp: '2026-11-21T10:00:00.000Z',
      hs_note_body: expect.stringMatching(/^Booked &amp; &lt;done&gt;<br>second line<br>Ref: kickoff-[0-9a-f]{16}$/),
    });
    expect(records.tasks['9000']).toMatchObject({
      hs_timestamp: '2026-11-23T09:00:00Z',
      hs_task_subject: 'Call Jamie',
      hs_task_status: 'NOT_STARTED',
      hubspot_owner_id: '77',
    });
    const associations = calls
      .filter(({ path }) => /\/(notes|tasks)$/.test(path))
      .map(({ json: body }) => Object(body).associations);
    expect(associations.filter((list) => list !== undefined)).toEqual([
      [{ to: { id: '1148' }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 214 }] }],
      [{ to: { id: '1148' }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 216 }] }],
    ]);
  });

  it('that is repeated with its marker makes nothing twice; with another marker it does', async () => {
    const { crm, records } = await portal();
    const write = { note: 'Booked', task: { subject: 'Call' }, marker: 'one' };
    const first = await crm.writeBack('1148', write);
    const again = await crm.writeBack('1148', write);
    expect(again).toEqual(first);
    expect(Object.keys(records.notes)).toHaveLength(1);
    expect(Object.keys(records.tasks)).toHaveLength(1);
    await crm.writeBack('1148', { ...write, marker: 'two' });
    expect(Object.keys(records.notes)).toHaveLength(2);
    expect(Object.keys(records.tasks)).toHaveLength(2);
  });

  it('finds its earlier note behind the first page', async () => {
    const { crm, records } = await portal();
    await crm.writeBack('1148', { note: 'Booked', marker: 'one' });
    const mine = records.associated.notes ?? [];
    const others = Array.from({ length: 5 }, (_, index): [string, null] => [String(100 + index), null]);
    for (const [id] of others) {
      records.notes[id] = { hs_note_body: null };
    }
    records.associated.notes = [...others, ...mine];
    expect(await crm.writeBack('1148', { note: 'Booked', marker: 'one' })).toMatchObject({ noteId: '9000' });
  });

  it('whose answer was lost finds what it made', async () => {
    const records = acme();
    const answer = answerFrom(records);
    let isLost = true;
    const server = await loopback((call, response) => {
      if (isLost && call.method === 'POST' && call.path.endsWith('/notes')) {
        isLost = false;
        answer(call, Object.assign(Object.create(response), { writeHead: () => ({ end: () => response.destroy() }) }));
        return;
      }
      answer(call, response);
    });
    const crm = createHubSpot({ accessToken: 'pat', baseUrl: server.url });
    const write = { note: 'Booked', marker: 'one' };
    await expect(crm.writeBack('1148', write)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await crm.writeBack('1148', write)).toEqual({ noteId: '9000' });
    expect(Object.keys(records.notes)).toHaveLength(1);
  });

  it('that the portal refuses says so in HubSpot’s words', async () => {
    const server = await loopback((_call, response) =>
      json(response, 400, { category: 'VALIDATION_ERROR', message: 'Property "kickoff_status" does not exist' }),
    );
    const crm = createHubSpot({ accessToken: 'pat', baseUrl: server.url });
    const work = crm.writeBack('1148', { status: 'x', marker: 'm' });
    await expect(work).rejects.toMatchObject({ code: 'refused', retryable: false });
    await expect(work).rejects.toThrow(/kickoff_status/);
  });
});
