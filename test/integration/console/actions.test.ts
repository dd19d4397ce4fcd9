import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Action, Invalid, type Posted, Refused, Unanswered } from '../../../console/action/action.ts';
import { inputField } from '../../../console/action/field.ts';
import { textIn } from '../../../console/action/posted.ts';
import { type AuditAttempt, type Database, listAudit } from '../../../database/index.ts';
import { openPglite } from '../../harness/pglite.ts';
import { openActions } from './acting.ts';

const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;

let database: Database;
beforeAll(async () => {
  database = await openPglite();
});
afterAll(() => database.close());

/** An action that does what its test says, and counts. */
function probe(more: Partial<Action> = {}) {
  const done: { on: string; posted: Posted; reason: string }[] = [];
  const name = `probe.${randomUUID()}`;
  const action: Action = {
    name,
    label: 'Probe it',
    reason: 'required',
    prepare: async (on, posted) =>
      on === 'unknown'
        ? undefined
        : {
            title: on,
            about: 'It is probed.',
            back: '/?page=1#part',
            fields: (faults) =>
              inputField({ name: 'colour', label: 'Colour', value: textIn(posted, 'colour'), required: true, faults }),
          },
    perform: async (on, posted, { reason }) => {
      done.push({ on, posted, reason });
      return `Probed ${on}.`;
    },
    ...more,
  };
  const log = async (): Promise<AuditAttempt[]> => await listAudit(database.db, { action: name, limit: 50 });
  return { action, path: `/actions/${name}`, done, log };
}

describe('the page of an action', () => {
  it('says what will happen, and carries the token, an id of its own and a field for the reason', async () => {
    const { action, path } = probe({ isDangerous: true });
    const { get, visit } = await openActions(database, [action]);
    const page = await get(`${path}?on=x&colour=red`);
    expect(page.status).toBe(200);
    expect(page.text).toContain('It is probed.');
    expect(page.text).toContain(`name="csrf" value="${visit.csrfToken}"`);
    expect(page.text).toMatch(/name="attempt" value="[\da-f-]{36}"/);
    expect(page.text).toMatch(/<textarea id="field-reason" name="reason"[^>]* maxlength="500" required/);
    expect(page.text).toContain('value="red"');
    expect(page.text).toContain('<button type="submit" class="danger">Probe it</button>');
    expect(page.text).toContain('<a href="/?page=1#part">Do not</a>');
    expect((await get(`${path}?on=x`)).text).not.toContain(
      /name="attempt" value="([\da-f-]{36})"/.exec(page.text)?.[1],
    );
  });

  it('has no button when it cannot be done now, and says why', async () => {
    const { action, path, done } = probe();
    const impossible = { title: 'x', about: '', back: '/', impossible: 'It has closed.' };
    const { get, post, form } = await openActions(database, [{ ...action, prepare: async () => impossible }]);
    const page = await get(`${path}?on=x`);
    expect(page.text).toContain('It has closed.');
    expect(page.text).not.toContain('<button type="submit">Probe it');
    const posted = await post(path, form('x'));
    expect([posted.status, done]).toEqual([409, []]);
    expect(posted.text).toContain('It has closed.');
  });

  it('is not there for what is not there', async () => {
    const { action, path, log } = probe();
    const { get, post, form } = await openActions(database, [action]);
    expect((await get(`${path}?on=unknown`)).status).toBe(404);
    expect((await get(`${path}?on=${'x'.repeat(1_001)}`)).status).toBe(404);
    expect((await get(`${path}?on=%00`)).status).toBe(404);
    expect((await post(path, form('unknown'))).status).toBe(404);
    expect((await post(path, form('\0'))).status).toBe(404);
    expect((await post('/actions/nonsense', form('x'))).status).toBe(404);
    expect(await log()).toEqual([]);
  });

  it('shows hostile values as text', async () => {
    const { action, path, done } = probe();
    const { get, post, form } = await openActions(database, [action]);
    const pages = [
      await get(`${path}?on=${encodeURIComponent(HOSTILE)}&colour=${encodeURIComponent(HOSTILE)}`),
      await post(path, form(HOSTILE, { colour: HOSTILE, reason: '' })),
      await post(path, form('x', { colour: HOSTILE, reason: HOSTILE.repeat(20) })),
    ];
    for (const { text } of pages) {
      expect(text).not.toMatch(/<script>|<img/);
      expect(text).toContain('&lt;script&gt;alert(1)');
    }
    expect(done).toEqual([]);
  });
});

describe('sending the form', () => {
  it('does it, and leads back to the page, which says what came of it', async () => {
    const { action, path, done, log } = probe();
    const { post, form, get } = await openActions(database, [action]);
    const sent = form('x', { reason: '  it was time  ', colour: 'red' });
    const answer = await post(path, sent);
    expect(answer.status).toBe(303);
    expect(answer.location).toBe(`/?page=1&answer=${sent.attempt}#part`);
    expect(done).toMatchObject([{ on: 'x', reason: 'it was time' }]);
    expect(JSON.parse((await get(answer.location)).text)).toEqual({ outcome: 'done', sentence: 'Probed x.' });
    expect(await log()).toMatchObject([
      {
        attempt: sent.attempt,
        subject: 'account:ada',
        name: 'Ada',
        role: 'operator',
        target: 'x',
        reason: 'it was time',
        input: { colour: 'red' },
        outcome: 'done',
        answer: 'Probed x.',
      },
    ]);
  });

  it('tells nobody else what came of it', async () => {
    const { action, path } = probe();
    const ada = await openActions(database, [action]);
    const { location } = await ada.post(path, ada.form('x'));
    const bob = await openActions(database, [action], {
      viewer: { subject: 'account:bob', name: 'Bob', role: 'viewer' },
    });
    expect(JSON.parse((await bob.get(location)).text)).toEqual({});
    expect(JSON.parse((await ada.get('/?answer=nonsense')).text)).toEqual({});
  });

  it('does what is sent twice once, whether the first has been answered or not', async () => {
    let goOn: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const { action, path, done, log } = probe();
    const slow: Action = {
      ...action,
      perform: async (on, posted, doing) => {
        await waiting;
        return await action.perform(on, posted, doing);
      },
    };
    const { post, form } = await openActions(database, [slow]);
    const sent = form('x');
    const both = [post(path, sent), post(path, sent)];
    while ((await log()).length === 0) await new Promise(setImmediate);
    goOn();
    const [first, second] = await Promise.all(both);
    const third = await post(path, sent);
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect(done).toHaveLength(1);
    expect(await log()).toHaveLength(1);
  });

  it('takes the twin that finds nothing left to do for what it is, and writes no refusal over the answer', async () => {
    let begin: () => void = () => undefined;
    const isBegun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const { action, path, done, log } = probe();
    let looks = 0;
    const twins: Action = {
      ...action,
      prepare: async (on, posted, zone) => {
        const prepared = await action.prepare(on, posted, zone);
        looks += 1;
        if (prepared === undefined || looks === 1) return prepared;
        await isBegun;
        return { ...prepared, impossible: 'It is under way.' };
      },
      perform: async (on, posted, doing) => {
        begin();
        // The database answers in turn: the twin has had its say by then.
        for (let turn = 0; turn < 20; turn += 1) await log();
        return await action.perform(on, posted, doing);
      },
    };
    const { post, form } = await openActions(database, [twins]);
    const sent = form('x');
    const [first, second] = await Promise.all([post(path, sent), post(path, sent)]);
    expect([first.status, second]).toEqual([303, first]);
    expect(done).toHaveLength(1);
    expect(await log()).toMatchObject([{ outcome: 'done', answer: 'Probed x.' }]);
  });

  it('does not take an id that was used for something else', async () => {
    const { action, path, done } = probe();
    const { post, form } = await openActions(database, [action]);
    const sent = form('x');
    await post(path, sent);
    expect((await post(path, { ...sent, on: 'y' })).status).toBe(409);
    expect(done).toHaveLength(1);
  });

  it('leads to the page that the answer names', async () => {
    const { action, path } = probe({ perform: async () => ({ sentence: 'Begun.', back: '/elsewhere' }) });
    const { post, form } = await openActions(database, [action]);
    const sent = form('x');
    expect((await post(path, sent)).location).toBe(`/elsewhere?answer=${sent.attempt}`);
    expect((await post(path, sent)).location).toBe(`/elsewhere?answer=${sent.attempt}`);
  });

  it.each([
    [new Refused('It is booked already.'), 'refused', 'It is booked already.'],
    [new Unanswered('Nobody has answered yet.'), 'failed', 'Nobody has answered yet.'],
    [new Error('connect ECONNREFUSED 10.0.0.1:5432'), 'failed', 'It failed; the server’s log has the reason.'],
  ])('says that it came to nothing: %s', async (error, outcome, sentence) => {
    const { action, path, log } = probe({
      perform: async () => {
        throw error;
      },
    });
    const { post, form, get } = await openActions(database, [action]);
    const { location } = await post(path, form('x'));
    const answer = JSON.parse((await get(location)).text);
    expect(answer).toMatchObject({ outcome, sentence: expect.stringContaining(sentence) });
    expect(JSON.stringify(answer)).not.toContain('ECONNREFUSED');
    expect(await log()).toMatchObject([{ outcome }]);
  });

  it('shows the form again with what was typed when a field is wrong, under a new id', async () => {
    const { action, path, log } = probe({
      perform: async () => {
        throw new Invalid({ colour: 'There is no such colour.' });
      },
    });
    const { post, form } = await openActions(database, [action]);
    const sent = form('x', { colour: 'nine', reason: 'my reason' });
    const page = await post(path, sent);
    expect(page.status).toBe(422);
    expect(page.text).toContain('<a href="#field-colour">There is no such colour.</a>');
    expect(page.text).toMatch(/value="nine"[^>]* aria-invalid="true" aria-describedby="fault-colour"/);
    expect(page.text).toContain('my reason</textarea>');
    expect(page.text).not.toContain(sent.attempt);
    expect(await log()).toMatchObject([{ outcome: 'refused' }]);
  });

  it('asks for a reason, of at most 500 characters, before anything is done', async () => {
    const { action, path, done, log } = probe();
    const { post, form } = await openActions(database, [action]);
    expect((await post(path, form('x', { reason: '   ' }))).status).toBe(422);
    const long = await post(path, form('x', { reason: 'é'.repeat(501) }));
    expect([long.status, long.text.includes('501 characters')]).toEqual([422, true]);
    expect([done, await log()]).toEqual([[], []]);
    expect((await post(path, form('x', { reason: 'é'.repeat(500) }))).status).toBe(303);
  });

  it('writes neither secrets nor fields that are not to be logged', async () => {
    const { action, path, log } = probe({ unlogged: ['file'] });
    const { post, form } = await openActions(database, [action]);
    await post(path, form('x', { colour: 'red', file: 'all of it', newPassword: 'hunter2', signing_secret: 's3' }));
    expect((await log())[0]?.input).toEqual({ colour: 'red' });
  });
});

describe('a form that is not taken', () => {
  it.each([undefined, '', 'another-session', `token-of-the-session `.repeat(2)])('token: %s', async (csrf) => {
    const { action, path, done, log } = probe();
    const { post, form } = await openActions(database, [action]);
    const sent = form('x', { csrf });
    expect((await post(path, sent)).status).toBe(403);
    expect(done).toEqual([]);
    const [logged, ...more] = await log();
    expect(more).toEqual([]);
    expect(logged).toMatchObject({ outcome: 'refused', subject: 'account:ada', target: 'x', input: null });
    expect(logged?.attempt).not.toBe(sent.attempt);
  });

  it.each([
    ['only look: viewer', 'may look but not change'],
    ['only look: read-only', 'switched to read-only'],
  ] as const)('%s', async (may, words) => {
    const { action, path, done, log } = probe();
    const { post, form, get } = await openActions(database, [action], { may });
    const page = await get(`${path}?on=x`);
    expect([page.status, page.text.includes(words)]).toEqual([403, true]);
    expect((await post(path, form('x'))).status).toBe(403);
    expect(done).toEqual([]);
    expect(await log()).toMatchObject([{ outcome: 'refused', target: 'x' }]);
  });

  it.each([undefined, '', 'x', `${randomUUID()}0`])('attempt: %s', async (attempt) => {
    const { action, path, done } = probe();
    const { post, form } = await openActions(database, [action]);
    expect((await post(path, form('x', { attempt }))).status).toBe(400);
    expect(done).toEqual([]);
  });

  it('is no form, or too big', async () => {
    const { action, path, done, log } = probe();
    const { post, form } = await openActions(database, [action]);
    const json = { body: JSON.stringify(form('x')), headers: { 'content-type': 'application/json' } };
    expect((await post(path, {}, json)).status).toBe(415);
    expect((await post(path, form('x', { colour: 'x'.repeat(70_000) }))).status).toBe(413);
    const files = new FormData();
    files.set('csrf', 'token-of-the-session');
    expect((await post(path, {}, { body: files })).status).toBe(415);
    expect((await post(path, {})).status).toBe(403);
    expect(done).toEqual([]);
    expect((await log()).map(({ outcome }) => outcome)).toEqual(['refused']);
  });
});

describe('a form with files', () => {
  async function upload(bytes: number, more: Partial<Action> = {}, csrf = 'token-of-the-session') {
    const { action, path, done, log } = probe({ upload: true, maxBytes: 10_000, ...more });
    const { post, form } = await openActions(database, [action]);
    const body = new FormData();
    for (const [name, value] of Object.entries(form('x', { csrf }))) if (value !== undefined) body.set(name, value);
    body.set('people', new Blob([new Uint8Array(bytes).fill(0xff)]), 'people.csv');
    return { answer: await post(path, {}, { body }), done, log };
  }

  it('gives the action its bytes as they were, and logs the name alone', async () => {
    const { answer, done, log } = await upload(9_000);
    expect(answer.status).toBe(303);
    const file = done[0]?.posted.people;
    expect(file).toMatchObject({ name: 'people.csv', bytes: Buffer.alloc(9_000, 0xff) });
    expect((await log())[0]?.input).toEqual({ people: 'people.csv (9000 bytes)' });
  });

  it('takes no more than the action says', async () => {
    const { answer, done } = await upload(10_001);
    expect([answer.status, done]).toEqual([413, []]);
  });

  it('is checked like any other', async () => {
    const { answer, done } = await upload(10, {}, 'foreign');
    expect([answer.status, done]).toEqual([403, []]);
  });
});
