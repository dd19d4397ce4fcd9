import { randomUUID } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { auditPage } from '../../../console/audit/view.ts';
import { type Database, findAttempt, listAudit, recordAnswered, recordAsked } from '../../../database/index.ts';
import { eachDatabase } from '../../harness/databases.ts';
import { openConsole } from './console.ts';

const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;

function asked(more: Partial<Parameters<typeof recordAsked>[1]> = {}) {
  return {
    attempt: randomUUID(),
    subject: 'account:ada',
    name: 'Ada',
    role: 'operator' as const,
    action: 'kickoff.pause',
    target: 'kickoff:5012',
    reason: 'holidays',
    input: { notify: 'yes' },
    ...more,
  };
}

async function done(
  { db }: Database,
  more: Partial<Parameters<typeof recordAsked>[1]> = {},
  outcome: 'done' | 'refused' | 'failed' = 'done',
) {
  const { reason: _reason, input: _input, ...who } = asked(more);
  await recordAsked(db, { ...asked(more), ...who });
  await recordAnswered(db, { ...who, outcome, answer: `It is ${outcome}.` });
  return who.attempt;
}

eachDatabase('the audit log', (open) => {
  it('is only added to: nothing in it can be changed or removed', async () => {
    const database = await open();
    const { db } = database;
    const attempt = await done(database);
    const before = await db.selectFrom('audit_log').selectAll().execute();
    expect(before).toHaveLength(2);
    for (const statement of [
      sql`update audit_log set reason = 'another'`,
      sql`update audit_log set outcome = 'refused' where attempt = ${attempt}`,
      sql`delete from audit_log`,
      sql`delete from audit_log where attempt = ${attempt}`,
      sql`truncate audit_log`,
    ]) {
      await expect(statement.execute(db)).rejects.toThrow('the audit log is only added to');
    }
    expect(await db.selectFrom('audit_log').selectAll().execute()).toEqual(before);
  });

  it('has each attempt once, and its first answer', async () => {
    const { db } = await open();
    const first = asked();
    expect(await Promise.all([recordAsked(db, first), recordAsked(db, first)])).toEqual(
      expect.arrayContaining([true, false]),
    );
    expect(await findAttempt(db, first.attempt)).toMatchObject({
      outcome: null,
      answer: null,
      input: { notify: 'yes' },
    });
    const { reason: _reason, input: _input, ...who } = first;
    expect(await recordAnswered(db, { ...who, outcome: 'done', answer: 'Paused.', back: '/here' })).toBe(true);
    expect(await recordAnswered(db, { ...who, outcome: 'failed', answer: 'Not.' })).toBe(false);
    expect(await findAttempt(db, first.attempt)).toMatchObject({ outcome: 'done', answer: 'Paused.', back: '/here' });
    expect(await findAttempt(db, randomUUID())).toBeUndefined();
  });

  it('is read in pages, by who, what, to what, what came of it and the bulk action', async () => {
    const database = await open();
    const { db } = database;
    const bulk = randomUUID();
    const a = await done(database, { name: 'Grace', subject: 'oidc:https://idp.example 7' });
    const b = await done(database, { action: 'kickoff.cancel', target: 'kickoff:1' }, 'refused');
    const c = await done(database, { bulk }, 'failed');
    const open1 = asked({ target: 'kickoff:2' });
    await recordAsked(db, open1);
    const found = async (filter: Omit<Parameters<typeof listAudit>[1], 'limit'>) =>
      (await listAudit(db, { ...filter, limit: 10 })).map(({ attempt }) => attempt);
    expect(await found({})).toEqual([open1.attempt, c, b, a]);
    expect(await found({ who: 'gRaC' })).toEqual([a]);
    expect(await found({ who: 'idp.example' })).toEqual([a]);
    expect(await found({ who: '%' })).toEqual([]);
    expect(await found({ action: 'kickoff.cancel' })).toEqual([b]);
    expect(await found({ target: 'kickoff:2' })).toEqual([open1.attempt]);
    expect(await found({ outcome: 'refused' })).toEqual([b]);
    expect(await found({ outcome: 'unanswered' })).toEqual([open1.attempt]);
    expect(await found({ bulk })).toEqual([c]);
    const [, second] = await listAudit(db, { limit: 2 });
    expect(await found({ before: second?.id })).toEqual([b, a]);
  });

  it('keeps what the database would refuse, in another form', async () => {
    const { db } = await open();
    const odd = asked({ reason: 'nul \0 and half \ud800', target: 'x\0', input: { note: 'a\0b\udfff' } });
    await recordAsked(db, odd);
    expect(await findAttempt(db, odd.attempt)).toMatchObject({ target: 'x�', input: { note: 'a�b�' } });
    await recordAsked(db, asked({ input: { text: 'x'.repeat(1_200_000) } }));
    const [{ input } = { input: null }] = await listAudit(db, { limit: 1 });
    expect(JSON.stringify(input).length).toBeLessThan(1_001_000);
  });

  describe('its page', () => {
    it('says who did what to what, why, and what came of it', async () => {
      const database = await open();
      await done(database);
      await done(database, { action: 'kickoff.cancel', target: 'kickoff:77', bulk: 'b-1' }, 'refused');
      const get = await openConsole(database);
      const { text, status } = await get('/audit');
      expect(status).toBe(200);
      for (const part of ['Ada', 'account:ada', 'Pause', 'holidays', 'It is done.', 'Refused', 'notify: yes']) {
        expect(text).toContain(part);
      }
      expect(text).toContain('href="/kickoffs/kickoff%3A5012"');
      expect(text).toContain('href="/bulk/runs/b-1"');
      const refused = (await get('/audit?outcome=refused')).text;
      expect(refused).toContain('kickoff:77');
      expect(refused).not.toContain('kickoff:5012');
      expect(refused).toContain('href="/audit.csv?outcome=refused"');
    });

    it('says what to do when it is empty, and refuses addresses that cannot be meant', async () => {
      const get = await openConsole(await open());
      const visit = {
        viewer: { subject: 'account:ada', name: 'Ada', role: 'viewer' as const },
        may: 'only look: viewer' as const,
        csrfToken: '',
        zone: 'UTC',
        hasSandbox: false,
        hasLeads: false,
      };
      const empty = auditPage(visit, { rows: [], hasMore: false, actions: [], labels: new Map() }, {});
      expect(empty.toString()).toContain('Nothing has been done from this console yet.');
      expect((await get('/audit?who=xyz')).text).toContain('Nothing of that kind has been done.');
      for (const query of ['outcome=nonsense', 'who=a&who=b', 'before=x', `who=${'x'.repeat(1_001)}`, 'target=%00']) {
        expect((await get(`/audit?${query}`)).status, query).toBe(400);
      }
    });

    it('leads from page to page', async () => {
      const database = await open();
      for (let n = 0; n < 51; n += 1) await recordAsked(database.db, asked({ target: `kickoff:n${n}` }));
      const get = await openConsole(database);
      const first = (await get('/audit?action=kickoff.pause')).text;
      expect(first).toContain('kickoff:n50');
      expect(first).not.toContain('>kickoff:n0<');
      const older = /<a href="([^"]+)" rel="next">/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? '';
      expect((await get(older)).text).toContain('>kickoff:n0<');
    });

    it('shows hostile values as text', async () => {
      const database = await open();
      await done(database, { name: HOSTILE, subject: HOSTILE, target: HOSTILE, reason: HOSTILE, action: HOSTILE });
      const get = await openConsole(database);
      const { text } = await get(`/audit?who=${encodeURIComponent('<script>')}`);
      expect(text).not.toMatch(/<script>|<img/);
      expect(text).toContain('&lt;script&gt;');
    });
  });

  describe('its download', () => {
    it('is CSV that a spreadsheet shows and does not run', async () => {
      const database = await open();
      await done(database, { reason: '=HYPERLINK("http://evil","x")', name: '+1', target: '@a,"b"\nc' });
      const get = await openConsole(database);
      const { text, headers } = await get('/audit.csv?action=kickoff.pause');
      expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
      expect(headers.get('content-disposition')).toContain('attachment');
      const [row, ...more] = parse(text, { columns: true }) as Record<string, string>[];
      expect(more).toEqual([]);
      expect(row).toMatchObject({
        reason: `'=HYPERLINK("http://evil","x")`,
        who: "'+1",
        target: `'@a,"b"\nc`,
        outcome: 'done',
        answer: 'It is done.',
      });
    });

    it('holds what the filter chooses, however many pages that is', async () => {
      const database = await open();
      await sql`
        insert into audit_log (attempt, kind, subject, name, role, action, target)
        select 'a' || n, 'asked', 's', 'n', 'operator', 'kickoff.pause', 'kickoff:' || n from generate_series(1, 1201) n
      `.execute(database.db);
      await recordAsked(database.db, asked({ action: 'kickoff.cancel' }));
      const get = await openConsole(database);
      const rows = parse((await get('/audit.csv?action=kickoff.pause')).text, { columns: true }) as {
        target: string;
      }[];
      expect(rows).toHaveLength(1_201);
      expect(new Set(rows.map(({ target }) => target)).size).toBe(1_201);
    });
  });
});
