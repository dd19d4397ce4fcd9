import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Action, Refused } from '../../../console/action/action.ts';
import { createAttempts } from '../../../console/action/attempts.ts';
import { attemptIdOf } from '../../../console/bulk/attempt-id.ts';
import { readRun } from '../../../console/bulk/run.ts';
import { createRunner } from '../../../console/bulk/runner.ts';
import { type Database, listAudit, recordAsked } from '../../../database/index.ts';
import { openPglite } from '../../harness/pglite.ts';
import { openActions } from './acting.ts';
import { seedKickoff } from './console.ts';

const WAIT = { timeout: 10_000, interval: 20 };

let database: Database;
beforeAll(async () => {
  database = await openPglite();
});
beforeEach(async () => {
  await sql`delete from kickoffs`.execute(database.db);
});
afterAll(() => database.close());

/** An action that counts, may hold some up, and takes those that are resolving. */
function probe(perform: (on: string) => Promise<string> = async (on) => `Probed ${on}.`) {
  const calls: string[] = [];
  const name = `probe.${randomUUID()}`;
  const action: Action = {
    name,
    label: 'Probe it',
    isDangerous: true,
    reason: 'required',
    bulk: {
      title: (count) => `Probe ${count} kickoffs`,
      about: 'Each is probed.',
      whyNot: async (rows) =>
        new Map(rows.filter(({ phase }) => phase !== 'resolving').map((row) => [row.workflow_id, 'it is done'])),
      check: ({ colour }) => (colour === 'none' ? { colour: 'There is no such colour.' } : {}),
    },
    prepare: async () => undefined,
    perform: async (on) => {
      calls.push(on);
      return await perform(on);
    },
  };
  return { action, path: `/bulk/${name}`, name, calls };
}

async function seed(...dealIds: string[]): Promise<string[]> {
  return await Promise.all(dealIds.map((id) => seedKickoff(database, id, { account: 'Bulk Ltd' })));
}

/** The form of a preview, as it stands. */
function formOf(text: string): Record<string, string> {
  const hidden = [...text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
  return Object.fromEntries(
    hidden.filter(([, name]) => name !== undefined).map(([, name = '', value = '']) => [name, value]),
  );
}

const ADA = { subject: 'account:ada', name: 'Ada', role: 'operator' as const };

/** A bulk action as the log has it before anything is done. */
async function askedFor(bulk: string, name: string, ids: string[]): Promise<void> {
  const input = { ids, fields: {}, zone: 'UTC' };
  const what = { attempt: bulk, action: `bulk.${name}`, target: '/kickoffs?q=bulk', bulk, reason: 'why', input };
  await recordAsked(database.db, { ...ADA, ...what });
}

async function previewed(acting: Awaited<ReturnType<typeof openActions>>, path: string) {
  const preview = await acting.get(`${path}?q=bulk`);
  expect(preview.status).toBe(200);
  const at = preview.text.indexOf('<form class="action"');
  const form: Record<string, string> = { ...formOf(preview.text.slice(at)), reason: 'all of them' };
  return { preview, form };
}

describe('the preview', () => {
  it('says how many and which would take it, and which not and why', async () => {
    await seed('1', '2', '3');
    await sql`update kickoffs set phase = 'done' where deal_id = '3'`.execute(database.db);
    const { action, path } = probe();
    const { preview, form } = await previewed(await openActions(database, [action]), path);
    expect(preview.text).toContain('<h1>Probe 2 kickoffs</h1>');
    expect(preview.text).toContain('Left alone: 1');
    expect(preview.text).toContain('it is done');
    expect(preview.text).toContain('<button type="submit" class="danger">Probe 2 kickoffs</button>');
    expect(form).toMatchObject({ q: 'bulk', count: '2', digest: expect.stringMatching(/^[\da-f]{64}$/) });
  });

  it('names fifty, and counts the others', async () => {
    await seed(...Array.from({ length: 52 }, (_, n) => `n${n}`));
    const { action, path } = probe();
    const { preview } = await previewed(await openActions(database, [action]), path);
    expect(preview.text.match(/href="\/kickoffs\/kickoff/g)).toHaveLength(50);
    expect(preview.text).toContain('And 2 more.');
  });

  it.each(['', '?q=', '?q=%20%20', '?q=%25', '?q=%22---%22', '?phase=', '?needs='])(
    'is refused without a filter: “%s”',
    async (query) => {
      await seed('1');
      const { action, path, calls } = probe();
      const { get, post, form } = await openActions(database, [action]);
      const page = await get(`${path}${query}`);
      expect([page.status, page.text.includes('Choose kickoffs by a filter first')]).toEqual([422, true]);
      const posted = await post(path, form('', { on: undefined, ...Object.fromEntries(new URLSearchParams(query)) }));
      expect([posted.status, calls]).toEqual([422, []]);
    },
  );

  it('is refused for more than 500', async () => {
    await sql`
      insert into kickoffs (workflow_id, crm, deal_id, deal, account_id, account_name, phase, origin, participants, excluded, gaps, needs)
      select 'kickoff:m' || n, 'hubspot', 'm' || n, '{}', 'a', 'Many Bulk', 'resolving', '{}', '[]', '[]', '[]', '[]'
        from generate_series(1, 501) n
    `.execute(database.db);
    const { action, path, calls } = probe();
    const { get } = await openActions(database, [action]);
    const page = await get(`${path}?q=bulk`);
    expect([page.status, page.text.includes('more than 500 kickoffs'), calls]).toEqual([422, true, []]);
  });

  it('says so when nothing would take it', async () => {
    await seed('1');
    await sql`update kickoffs set phase = 'done'`.execute(database.db);
    const { action, path } = probe();
    const { get } = await openActions(database, [action]);
    const { text } = await get(`${path}?q=bulk`);
    expect(text).toContain('None of the kickoffs that the filter chooses would take it.');
    expect(text).not.toContain('<form class="action"');
  });
});

describe('doing it', () => {
  it('does it to each once, in the background, and says what came of each', async () => {
    const ids = await seed('1', '2', '3');
    const { action, path, calls, name } = probe(async (on) => {
      if (on === 'kickoff:2') throw new Refused('It is booked already.');
      return `Probed ${on}.`;
    });
    const acting = await openActions(database, [action]);
    const { form } = await previewed(acting, path);
    const answer = await acting.post(path, form);
    expect([answer.status, answer.location]).toEqual([303, `/bulk/runs/${form.attempt}`]);
    const page = await vi.waitFor(async () => {
      const { text } = await acting.get(answer.location);
      expect(text).toContain('It has ended.');
      return text;
    }, WAIT);
    expect([...calls].sort()).toEqual([...ids].sort());
    expect(page).toContain('3 of 3 answered: 2 done, 1 refused.');
    expect(page).toContain('<progress id="progress-bar" max="3" value="3">');
    expect(page).toContain('It is booked already.');
    const log = await listAudit(database.db, { bulk: form.attempt, limit: 10 });
    expect(log.map((row) => [row.action, row.reason, row.outcome])).toEqual(
      expect.arrayContaining([
        [`bulk.${name}`, 'all of them', 'done'],
        [name, 'all of them', 'refused'],
      ]),
    );
    expect(log).toHaveLength(4);
    expect(log.at(-1)?.input).not.toHaveProperty('ids');

    // Sent again, by a reload: the same page, and nothing more is done.
    expect((await acting.post(path, form)).location).toBe(answer.location);
    expect(calls).toHaveLength(3);
  });

  it('does nothing when the set has changed, and shows the new one', async () => {
    await seed('1', '2');
    const { action, path, calls } = probe();
    const acting = await openActions(database, [action]);
    const { form } = await previewed(acting, path);
    await seed('3');
    const answer = await acting.post(path, form);
    expect(answer.status).toBe(409);
    expect(answer.text).toContain('have changed since this page was made');
    expect(answer.text).toContain('Probe 3 kickoffs');
    expect(answer.text).toContain('all of them</textarea>');
    expect(calls).toEqual([]);
    // As many, but others.
    const { form: next } = await previewed(acting, path);
    await sql`update kickoffs set phase = 'done' where deal_id = '1'`.execute(database.db);
    await seed('4');
    expect((await acting.post(path, next)).status).toBe(409);
    expect(calls).toEqual([]);
    expect(await listAudit(database.db, { action: `bulk.${action.name}`, limit: 5 })).toEqual([]);
  });

  it('asks again for what is missing or wrong', async () => {
    await seed('1');
    const { action, path, calls } = probe();
    const acting = await openActions(database, [action]);
    const { form } = await previewed(acting, path);
    const wrong = await acting.post(path, { ...form, reason: '', colour: 'none' });
    expect([wrong.status, wrong.text.includes('There is no such colour.'), wrong.text.includes('Say why')]).toEqual([
      422,
      true,
      true,
    ]);
    expect((await acting.post(path, { ...form, attempt: 'x' })).status).toBe(400);
    expect(calls).toEqual([]);
  });

  it('is refused, and written down, for who may only look and for another session’s form', async () => {
    await seed('1');
    const { action, path, calls, name } = probe();
    const acting = await openActions(database, [action]);
    const { form } = await previewed(acting, path);
    expect((await acting.post(path, { ...form, csrf: 'another' })).status).toBe(403);
    const viewer = await openActions(database, [action], { may: 'only look: viewer' });
    expect((await viewer.get(`${path}?q=bulk`)).status).toBe(403);
    expect((await viewer.post(path, form)).status).toBe(403);
    expect(calls).toEqual([]);
    const log = await listAudit(database.db, { action: `bulk.${name}`, limit: 5 });
    expect(log.map(({ outcome }) => outcome)).toEqual(['refused', 'refused']);
  });
});

describe('a server that is stopped in the middle', () => {
  it('finishes what it has begun and leaves the rest, which another goes on with; nothing is done twice', async () => {
    const ids = await seed(...Array.from({ length: 12 }, (_, n) => `s${n}`));
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const { action, name, calls } = probe(async (on) => {
      await held;
      return `Probed ${on}.`;
    });
    const context = { database, logger: pino({ level: 'silent' }) };
    const runner = createRunner(context, createAttempts(context), [action]);
    const bulk = randomUUID();
    await askedFor(bulk, name, ids);
    const run = await readRun(database, bulk);
    if (run === undefined) throw new Error('it was written down');
    runner.start(run, ADA);
    await vi.waitFor(() => expect(calls).toHaveLength(8), WAIT);
    const stopped = runner.stop();
    letGo();
    await stopped;
    expect(calls).toHaveLength(8);

    const location = `/bulk/runs/${bulk}`;
    const second = await openActions(database, [action]);
    const page = await second.get(location);
    expect(page.text).toContain('8 of 12 answered: 8 done, 4 not answered yet.');
    const at = page.text.indexOf('<form class="action" method="post" action="/actions/bulk.goOn"');
    expect(at).toBeGreaterThan(0);
    expect((await second.post('/actions/bulk.goOn', formOf(page.text.slice(at)))).status).toBe(303);
    await vi.waitFor(async () => expect((await second.get(location)).text).toContain('It has ended.'), WAIT);
    expect([...calls].sort()).toEqual([...ids].sort());
    expect((await second.get(location)).text).not.toContain('Go on with the rest');
  });

  it('does again what was begun and never answered, under the same id', async () => {
    const [id = ''] = await seed('lost');
    const { action, calls, name } = probe();
    const acting = await openActions(database, [action]);
    const bulk = randomUUID();
    // As the log is when a server dies: asked, and not answered.
    await askedFor(bulk, name, [id]);
    await recordAsked(database.db, { ...ADA, attempt: attemptIdOf(bulk, id), action: name, target: id, bulk });
    const goOn = { ...acting.form(bulk), reason: undefined };
    expect((await acting.post('/actions/bulk.goOn', goOn)).status).toBe(303);
    await vi.waitFor(async () => expect((await acting.get(`/bulk/runs/${bulk}`)).text).toContain('1 done'), WAIT);
    expect(calls).toEqual([id]);
  });

  it('has no page for what is no bulk action', async () => {
    const { action } = probe();
    const { get } = await openActions(database, [action]);
    for (const id of ['x', randomUUID(), '%00', `${'x'.repeat(500)}`]) {
      expect((await get(`/bulk/runs/${id}`)).status).toBe(404);
    }
  });
});
