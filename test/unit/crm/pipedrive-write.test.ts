import { describe, expect, it } from 'vitest';
import { createPipedrive, type PipedriveOptions } from '../../../crm/pipedrive/index.ts';
import { json, loopback } from './loopback.ts';
import { acme, answerFrom, CHOICE_KEY, type Company, STATUS_KEY, TOKEN, vendor } from './pipedrive/vendor.ts';

const now = () => new Date('2026-11-21T10:00:00Z');

async function company(options: PipedriveOptions = {}, change?: (company: Company) => void) {
  const server = await vendor(change);
  return { ...server, crm: createPipedrive({ apiToken: TOKEN, baseUrl: server.url, now, ...options }) };
}
const customOf = (them: Company) => Object(them.deals['1148']).custom_fields;

describe('a status written to Pipedrive', () => {
  it.each([STATUS_KEY, 'Kickoff status', '  kickoff STATUS '])('goes to the field called %j', async (statusField) => {
    const { crm, company: them, calls } = await company({ statusField });
    expect(await crm.writeBack('1148', { status: 'Scheduled', marker: 'm' })).toEqual({});
    expect(customOf(them)).toEqual({ [STATUS_KEY]: 'Scheduled' });
    expect(them.notes).toEqual([]);
    expect(calls.at(-1)).toMatchObject({
      method: 'PATCH',
      path: '/api/v2/deals/1148',
      json: { custom_fields: { [STATUS_KEY]: 'Scheduled' } },
    });
  });

  it('looks the fields up once, over all their pages', async () => {
    const { crm, calls } = await company({ statusField: 'Kickoff phase' });
    await crm.writeBack('1148', { status: 'Scheduling', marker: 'a' });
    await crm.writeBack('1148', { status: 'Booked', marker: 'b' });
    expect(calls.flatMap(({ path }) => (path.includes('dealFields') ? [path] : []))).toEqual([
      '/api/v2/dealFields?limit=500',
      '/api/v2/dealFields?limit=500&cursor=at-2',
    ]);
  });

  it('looks them up again after a failure', async () => {
    const answer = answerFrom(acme());
    let failures = 1;
    const server = await loopback((call, response) => {
      const isFailure = call.path.includes('dealFields') && failures-- > 0;
      isFailure ? json(response, 503, { success: false, error: 'maintenance' }) : answer(call, response);
    });
    const crm = createPipedrive({ apiToken: TOKEN, baseUrl: server.url, statusField: STATUS_KEY });
    await expect(crm.writeBack('1148', { status: 'a', marker: 'a' })).rejects.toMatchObject({ code: 'unavailable' });
    expect(await crm.writeBack('1148', { status: 'a', marker: 'a' })).toEqual({});
  });

  it('looks them up again after a while', async () => {
    let time = 0;
    const { crm, calls } = await company({ statusField: 'Kickoff status', now: () => new Date(time) });
    await crm.writeBack('1148', { status: 'a', marker: 'a' });
    time += 10 * 60_000;
    await crm.writeBack('1148', { status: 'b', marker: 'b' });
    expect(calls.filter(({ path }) => path === '/api/v2/dealFields?limit=500')).toHaveLength(2);
  });

  it('chooses the option of a field of options by its label', async () => {
    const { crm, company: them } = await company({ statusField: 'Kickoff phase' });
    await crm.writeBack('1148', { status: 'booked', marker: 'm' });
    expect(customOf(them)).toEqual({ [CHOICE_KEY]: 32 });
    const work = crm.writeBack('1148', { status: 'Cancelled', marker: 'm' });
    await expect(work).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringMatching(/"Cancelled".*Scheduling, Booked/),
    });
  });

  it('without a field becomes the first line of the note', async () => {
    for (const statusField of [undefined, ' ']) {
      const { crm, company: them, calls } = await company({ statusField });
      await crm.writeBack('1148', { status: 'Booked', note: 'on Tuesday', marker: 'm' });
      expect(them.notes).toMatchObject([{ content: expect.stringMatching(/^Kickoff: Booked<br>on Tuesday<br>Ref: /) }]);
      await crm.writeBack('1148', { status: 'Done', marker: 'n' });
      expect(them.notes[1]).toMatchObject({ content: expect.stringMatching(/^Kickoff: Done<br>Ref: /) });
      expect(calls.filter(({ method }) => method === 'PATCH')).toEqual([]);
    }
  });

  it('for a field that is not there, or is there twice, says what to correct', async () => {
    const { crm, calls } = await company({ statusField: 'Kick-off' });
    await expect(crm.writeBack('1148', { status: 'x', marker: 'm' })).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringMatching(/no deal field "Kick-off"/),
    });
    expect(calls.filter(({ method }) => method !== 'GET')).toEqual([]);
    const twice = await company({ statusField: 'Kickoff status' }, (them) => {
      them.dealFields.push({ field_name: 'kickoff status', field_code: 'f'.repeat(40), is_custom_field: true });
    });
    await expect(twice.crm.writeBack('1148', { status: 'x', marker: 'm' })).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(STATUS_KEY),
    });
  });
});

describe('properties written to Pipedrive', () => {
  it('are told apart into custom and standard ones, numbers as numbers', async () => {
    const { crm, calls } = await company({ statusField: STATUS_KEY });
    await crm.writeBack('1148', { status: 'x', properties: { Title: 'New', probability: '80' }, marker: 'm' });
    expect(calls.at(-1)?.json).toEqual({ title: 'New', probability: 80, custom_fields: { [STATUS_KEY]: 'x' } });
  });

  it('that are none call nobody', async () => {
    const { crm, calls } = await company({ statusField: STATUS_KEY });
    expect(await crm.writeBack('1148', { properties: {}, marker: 'm' })).toEqual({});
    expect(calls).toEqual([]);
  });
});

describe('a note and a task written to Pipedrive', () => {
  const write = {
    note: 'Booked & <b onclick="x">done</b>\nsecond line',
    task: { subject: 'Call Jamie', body: 'about <the> agenda', dueAt: '2026-11-23T23:30:00-05:00' },
    marker: 'kickoff:1148/on_booked/note',
  };

  it('are on the deal, with their text escaped and a reference', async () => {
    const { crm, company: them } = await company();
    expect(await crm.writeBack('1148', write)).toEqual({ noteId: '9000', taskId: '9000' });
    expect(them.notes).toEqual([
      {
        id: 9000,
        deal_id: 1148,
        content: expect.stringMatching(
          /^Booked &amp; &lt;b onclick=&quot;x&quot;&gt;done&lt;\/b&gt;<br>second line<br>Ref: kickoff-[0-9a-f]{16}$/,
        ),
      },
    ]);
    expect(them.activities).toEqual([
      {
        id: 9000,
        subject: 'Call Jamie',
        type: 'task',
        deal_id: 1148,
        owner_id: 77,
        due_date: '2026-11-24',
        note: expect.stringMatching(/^about &lt;the&gt; agenda<br>Ref: kickoff-[0-9a-f]{16}$/),
      },
    ]);
  });

  it('are due today when no day is given', async () => {
    const { crm, company: them } = await company();
    await crm.writeBack('1148', { task: { subject: 'Call' }, marker: 'm' });
    expect(them.activities[0]).toMatchObject({ due_date: '2026-11-21', note: expect.stringMatching(/^Ref: /) });
  });

  it('are not made twice with one marker; with another they are', async () => {
    const { crm, company: them } = await company();
    const first = await crm.writeBack('1148', write);
    expect(await crm.writeBack('1148', write)).toEqual(first);
    expect([them.notes.length, them.activities.length]).toEqual([1, 1]);
    await crm.writeBack('1148', { ...write, marker: 'another' });
    expect([them.notes.length, them.activities.length]).toEqual([2, 2]);
  });

  it('are found behind the first page, newest first', async () => {
    const { crm, company: them, calls } = await company();
    await crm.writeBack('1148', write);
    for (let index = 0; index < 4; index += 1) {
      them.notes.push({ id: 100 + index, deal_id: 1148, content: null });
      them.activities.push({ id: 100 + index, deal_id: 1148, note: null });
    }
    expect(await crm.writeBack('1148', write)).toEqual({ noteId: '9000', taskId: '9000' });
    expect(calls.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        '/api/v1/notes?deal_id=1148&sort=add_time+DESC&start=4&limit=100',
        '/api/v2/activities?deal_id=1148&sort_by=add_time&sort_direction=desc&limit=100&cursor=at-4',
      ]),
    );
  });

  it('are made again when somebody deleted them', async () => {
    const { crm, company: them } = await company();
    await crm.writeBack('1148', write);
    Object.assign(Object(them.notes[0]), { active_flag: false });
    Object.assign(Object(them.activities[0]), { is_deleted: true });
    expect(await crm.writeBack('1148', write)).toEqual({ noteId: '9001', taskId: '9001' });
  });

  it('are found again when the answer to their making was lost', async () => {
    const them = acme();
    const answer = answerFrom(them);
    const lost = new Set(['/api/v1/notes', '/api/v2/activities']);
    const server = await loopback((call, response) => {
      const isLost = call.method === 'POST' && lost.delete(call.path);
      const nobody = { writeHead: () => ({ end: () => response.destroy() }) };
      answer(call, isLost ? Object.assign(Object.create(response), nobody) : response);
    });
    const crm = createPipedrive({ apiToken: TOKEN, baseUrl: server.url });
    await expect(crm.writeBack('1148', write)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(crm.writeBack('1148', write)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await crm.writeBack('1148', write)).toEqual({ noteId: '9000', taskId: '9000' });
    expect([them.notes.length, them.activities.length]).toEqual([1, 1]);
  });

  it('may be long: what passes Pipedrive’s limit is cut, never the reference', async () => {
    const { crm, company: them } = await company();
    await crm.writeBack('1148', { note: '"'.repeat(200_000), marker: 'm' });
    const content = String(Object(them.notes[0]).content);
    expect(content.length).toBeLessThan(100_000);
    expect(content).toMatch(/&quot;<br>Ref: kickoff-[0-9a-f]{16}$/);
  });
});

describe('what Pipedrive’s webhooks tell of our own writes', () => {
  it('starts nothing: the deal’s status did not change', async () => {
    const { crm, company: them } = await company({ statusField: 'Kickoff status' });
    await crm.writeBack('1148', { status: 'Booked', note: 'n', task: { subject: 's' }, marker: 'm' });
    const signals = them.events.flatMap((told) => crm.normalise(Buffer.from(JSON.stringify(told))));
    expect(signals.map(({ eventType, ignore }) => [eventType, ignore])).toEqual([
      ['change.deal', 'the deal was edited: its status did not change'],
      ['create.note', 'about a note, not a deal'],
      ['create.activity', 'about an activity, not a deal'],
    ]);
  });
});

describe('a write that Pipedrive refuses', () => {
  it('says so in Pipedrive’s words, and makes nothing else', async () => {
    const server = await loopback((call, response) =>
      call.method === 'PATCH'
        ? json(response, 400, { success: false, error: 'Validation failed: the field is read-only', code: 'ERR' })
        : answerFrom(acme())(call, response),
    );
    const crm = createPipedrive({ apiToken: TOKEN, baseUrl: server.url, statusField: STATUS_KEY });
    const work = crm.writeBack('1148', { status: 'x', note: 'n', marker: 'm' });
    await expect(work).rejects.toMatchObject({
      code: 'refused',
      retryable: false,
      message: expect.stringMatching(/the field is read-only/),
    });
    expect(server.calls.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('in a success without success is refused too', async () => {
    const server = await loopback((call, response) =>
      call.method === 'POST'
        ? json(response, 200, { success: false, error: 'Note content is required', data: null })
        : answerFrom(acme())(call, response),
    );
    const crm = createPipedrive({ apiToken: TOKEN, baseUrl: server.url });
    await expect(crm.writeBack('1148', { note: 'n', marker: 'm' })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/Note content is required/),
    });
  });

  it('because the deal is deleted or unknown is not found', async () => {
    const { crm } = await company({ statusField: STATUS_KEY }, (them) =>
      Object.assign(Object(them.deals['1148']), { is_deleted: true }),
    );
    await expect(crm.writeBack('1148', { status: 'x', marker: 'm' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(crm.writeBack('7', { status: 'x', marker: 'm' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(crm.writeBack('../x', { note: 'x', marker: 'm' })).rejects.toMatchObject({ code: 'not_found' });
  });
});
