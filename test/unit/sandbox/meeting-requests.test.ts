import { describe, expect, it } from 'vitest';
import { acmeRequest, created, running } from './running.ts';

describe('meeting requests over HTTP', () => {
  it('accepts the guide’s kickoff with 202 and answers what was asked for', async () => {
    const sandbox = await running();
    const { status, data } = await sandbox.api('POST /meeting_requests', { body: acmeRequest() });
    expect(status).toBe(202);
    expect(data).toMatchObject({
      id: expect.stringMatching(/^mr_01[0-9A-HJKMNP-TV-Z]{24}$/),
      status: 'active',
      organizer_email: 'jordan.lee@yourcompany.example',
      participant_emails: expect.arrayContaining(['pat.kumar@acme-corp.example']),
      title: 'Implementation kickoff: Acme Corp + YourCompany',
      include_introduction: true,
      duration_minutes: 60,
      timeframe: { start: '2026-02-12T00:00:00Z', end: '2026-02-21T00:00:00Z' },
      created_at: '2026-02-10T14:00:00Z',
    });
    const read = await sandbox.api(`GET /meeting_requests/${data.id}`);
    expect([read.status, read.data]).toEqual([200, data]);
  });

  it('fills in SkipUp’s own defaults', async () => {
    const sandbox = await running();
    const { data } = await sandbox.api('POST /meeting_requests', {
      body: { organizer_email: 'Jordan.Lee@YourCompany.example', participant_emails: ['a@b.example'] },
    });
    expect(data).toMatchObject({
      include_introduction: false,
      duration_minutes: 45,
      timeframe: { start: '2026-02-10T14:00:00Z', end: '2026-03-10T14:00:00Z' },
    });
  });

  const context = acmeRequest().context;
  it.each([
    ['no organizer', { organizer_email: undefined }, 'organizer_email'],
    ['an organizer who is no member', { organizer_email: 'nobody@yourcompany.example' }, 'not an active member'],
    ['an organizer’s zone that does not exist', { organizer_timezone: 'Mars/Olympus' }, 'organizer_timezone'],
    ['nobody to meet', { participants: undefined }, 'Exactly one of participants and participant_emails'],
    ['both kinds of participants', { participant_emails: ['a@b.example'] }, 'Exactly one of'],
    ['an empty list', { participants: [] }, 'participants'],
    ['an address that is none', { participants: [{ email: 'not-an-address' }] }, 'participants.0.email'],
    ['a participant’s zone as an offset', { participants: [{ email: 'a@b.example', timezone: '+01:00' }] }, 'timezone'],
    ['a title of 256 characters', { context: { ...context, title: 'x'.repeat(256) } }, 'context.title'],
    ['a purpose of 501 characters', { context: { ...context, purpose: 'x'.repeat(501) } }, 'context.purpose'],
    ['a description of 5,001', { context: { ...context, description: 'x'.repeat(5001) } }, 'context.description'],
    ['a meeting of no minutes', { context: { ...context, duration_minutes: 0 } }, 'context.duration_minutes'],
    [
      'a timeframe that ends before it starts',
      { context: { ...context, timeframe: { start: '2026-02-12T00:00:00Z', end: '2026-02-11T00:00:00Z' } } },
      'context.timeframe.end',
    ],
    [
      'a date without a time',
      { context: { ...context, timeframe: { start: '2026-02-12', end: '2026-02-21' } } },
      'start',
    ],
    ['a parameter that does not exist', { colour: 'red' }, 'Unknown parameter: colour'],
    ['one inside the context', { context: { ...context, durationMinutes: 30 } }, 'context.durationMinutes'],
  ])('refuses %s with 422 validation_error', async (_name, changes, message) => {
    const sandbox = await running();
    const { status, error } = await sandbox.api('POST /meeting_requests', { body: acmeRequest(changes) });
    expect({ status, type: error.type }).toEqual({ status: 422, type: 'validation_error' });
    expect(error.message).toContain(message);
    expect((await sandbox.api('GET /meeting_requests')).list).toEqual([]);
  });

  it('takes the longest texts and fifty participants, and refuses the fifty-first', async () => {
    const sandbox = await running();
    const people = (n: number) => Array.from({ length: n }, (_, i) => ({ email: `p${i}@acme-corp.example` }));
    const long = { title: 'x'.repeat(255), purpose: 'x'.repeat(500), description: 'x'.repeat(5000) };
    const ask = (n: number) =>
      sandbox.api('POST /meeting_requests', { body: acmeRequest({ participants: people(n), context: long }) });
    expect((await ask(50)).status).toBe(202);
    expect((await ask(51)).status).toBe(422);
  });

  it.each([
    ['malformed JSON', '{"organizer_email": ', 422, 'invalid_request'],
    ['a list', '[]', 422, 'validation_error'],
    ['a body over 256 KB', JSON.stringify({ x: 'x'.repeat(300_000) }), 413, 'invalid_request'],
  ])('refuses %s', async (_name, raw, status, type) => {
    const sandbox = await running();
    const answer = await sandbox.api('POST /meeting_requests', { raw });
    expect({ status: answer.status, type: answer.error.type }).toEqual({ status, type });
  });

  it('answers unknown requests, routes and methods with SkipUp’s 404', async () => {
    const sandbox = await running();
    for (const route of [
      'GET /meeting_requests/mr_unknown',
      'GET /meeting_requests/__proto__',
      'POST /meeting_requests/constructor/cancel',
      'GET /nothing',
      'DELETE /meeting_requests/mr_unknown',
      'GET /meeting_requests/%E0%A4%A',
    ]) {
      const { status, error } = await sandbox.api(route);
      expect([route, status, error.type]).toEqual([route, 404, 'not_found']);
    }
  });

  describe('lifecycle', () => {
    /** What each call answers from each status. */
    const RULES = {
      active: { cancel: 200, pause: 200, resume: 422, change_organizer: 200, context: 200 },
      paused: { cancel: 200, pause: 422, resume: 200, change_organizer: 200, context: 200 },
      booked: { cancel: 422, pause: 422, resume: 422, change_organizer: 422, context: 422 },
      cancelled: { cancel: 422, pause: 422, resume: 422, change_organizer: 422, context: 422 },
    } as const;
    const BODIES: Record<string, object | undefined> = {
      cancel: { notify: true },
      change_organizer: { new_organizer_email: 'morgan.diaz@yourcompany.example' },
      context: { title: 'Another title' },
    };
    const cases = Object.entries(RULES).flatMap(([from, calls]) =>
      Object.entries(calls).map(([call, status]) => [from, call, status] as const),
    );
    it.each(cases)('from %s, %s answers %i', async (from, call, status) => {
      const sandbox = await running();
      const { id } = await created(sandbox);
      const event = { active: undefined, paused: 'paused', booked: 'booked', cancelled: 'cancelled' }[from];
      if (event !== undefined) await sandbox.control(`POST /meeting_requests/${id}/events`, { event });
      const before = (await sandbox.api(`GET /meeting_requests/${id}`)).data;
      const answer = await sandbox.api(`POST /meeting_requests/${id}/${call}`, { body: BODIES[call] });
      expect(answer.status).toBe(status);
      if (status === 200) return expect(answer.data.id).toBe(id);
      expect(answer.error.type).toBe('invalid_request');
      expect((await sandbox.api(`GET /meeting_requests/${id}`)).data).toEqual(before);
    });

    it('shows each change in the request', async () => {
      const sandbox = await running();
      const { id } = await created(sandbox);
      const post = async (call: string, body?: object) =>
        (await sandbox.api(`POST /meeting_requests/${id}/${call}`, body === undefined ? {} : { body })).data;
      await sandbox.advance('10s');
      expect(await post('pause')).toMatchObject({ status: 'paused', paused_at: '2026-02-10T14:00:10Z' });
      expect((await post('resume')).paused_at).toBeUndefined();
      const email = 'morgan.diaz@yourcompany.example';
      expect(await post('change_organizer', { new_organizer_email: email })).toMatchObject({ organizer_email: email });
      expect(await post('context', { duration_minutes: 90, purpose: 'More' })).toMatchObject({
        duration_minutes: 90,
        purpose: 'More',
        title: 'Implementation kickoff: Acme Corp + YourCompany',
      });
      expect(await post('cancel')).toMatchObject({ status: 'cancelled', cancelled_at: '2026-02-10T14:00:10Z' });
    });

    it.each([
      ['cancel', { notify: 'yes' }],
      ['cancel', { reason: 'none' }],
      ['pause', { until: 'tomorrow' }],
      ['change_organizer', {}],
      ['change_organizer', { new_organizer_email: 'nobody@yourcompany.example' }],
      ['context', {}],
      ['context', { context: { title: 'nested' } }],
    ])('%s refuses %j', async (call, body) => {
      const sandbox = await running();
      const { id } = await created(sandbox);
      const answer = await sandbox.api(`POST /meeting_requests/${id}/${call}`, { body });
      expect([answer.status, answer.error.type]).toEqual([422, 'validation_error']);
    });

    it('does not hand a request to a member who has left', async () => {
      const sandbox = await running();
      const { id } = await created(sandbox);
      await sandbox.control('POST /members/morgan.diaz@yourcompany.example/deactivate');
      const body = { new_organizer_email: 'morgan.diaz@yourcompany.example' };
      const answer = await sandbox.api(`POST /meeting_requests/${id}/change_organizer`, { body });
      expect([answer.status, answer.error.type]).toEqual([422, 'validation_error']);
    });
  });

  describe('list', () => {
    it('pages newest first with opaque cursors until nothing is left', async () => {
      const sandbox = await running();
      const ids: string[] = [];
      for (let n = 0; n < 7; n += 1) {
        ids.unshift((await created(sandbox)).id);
        await sandbox.advance('1m');
      }
      const seen: string[] = [];
      let cursor = '';
      const sizes: number[] = [];
      do {
        const { list, meta } = await sandbox.api(`GET /meeting_requests?limit=3${cursor}`);
        seen.push(...list.map((request) => request.id));
        sizes.push(list.length);
        expect(meta).toMatchObject({ limit: 3, has_more: seen.length < 7 });
        cursor = meta.has_more ? `&cursor=${encodeURIComponent(meta.next_cursor ?? '')}` : '';
      } while (cursor !== '');
      expect(seen).toEqual(ids);
      expect(sizes).toEqual([3, 3, 1]);
    });

    it('does not show twice what came while it was paged', async () => {
      const sandbox = await running();
      for (let n = 0; n < 4; n += 1) await created(sandbox);
      const first = await sandbox.api('GET /meeting_requests?limit=2');
      await created(sandbox);
      const next = await sandbox.api(`GET /meeting_requests?limit=2&cursor=${first.meta.next_cursor}`);
      const ids = [...first.list, ...next.list].map((request) => request.id);
      expect(new Set(ids).size).toBe(4);
    });

    it('defaults to 25', async () => {
      const sandbox = await running();
      for (let n = 0; n < 26; n += 1) await created(sandbox);
      const { list, meta } = await sandbox.api('GET /meeting_requests');
      expect([list.length, meta.limit, meta.has_more]).toEqual([25, 25, true]);
    });

    it.each([
      ['status=active', ['c', 'b']],
      ['status=cancelled', ['a']],
      ['organizer_email=morgan.diaz@yourcompany.example', ['b']],
      ['organizer_email=JORDAN.LEE@yourcompany.example', ['c', 'a']],
      ['participant_email=Only.C@acme-corp.example', ['c']],
      ['created_after=2026-02-11T14:00:00Z', ['c', 'b']],
      ['created_before=2026-02-11T14:00:00Z', ['b', 'a']],
      ['created_after=2026-02-11&created_before=2026-02-11', ['b']],
      ['created_before=2026-02-10', ['a']],
      ['created_after=2026-02-12T16:00:00%2B02:00', ['c']],
      ['status=active&participant_email=only.c@acme-corp.example', ['c']],
      ['status=booked', []],
    ])('filters by %s', async (query, expected) => {
      const sandbox = await running();
      const name = new Map<string, string>();
      const first = await created(sandbox);
      name.set(first.id, 'a');
      await sandbox.api(`POST /meeting_requests/${first.id}/cancel`);
      await sandbox.advance('1d');
      // Nobody answers, so that nothing is booked meanwhile.
      await sandbox.control('PUT /people/only.b@acme-corp.example', { neverReplies: true });
      await sandbox.control('PUT /people/only.c@acme-corp.example', { neverReplies: true });
      const second = {
        organizer_email: 'morgan.diaz@yourcompany.example',
        participants: [{ email: 'only.b@acme-corp.example' }],
      };
      name.set((await created(sandbox, second)).id, 'b');
      await sandbox.advance('1d');
      name.set((await created(sandbox, { participants: [{ email: 'only.c@acme-corp.example' }] })).id, 'c');
      const { list } = await sandbox.api(`GET /meeting_requests?${query}`);
      expect(list.map((request) => name.get(request.id))).toEqual(expected);
    });

    it.each([
      ['limit=0', 'validation_error'],
      ['limit=101', 'validation_error'],
      ['limit=ten', 'validation_error'],
      ['limit=1&limit=2', 'validation_error'],
      ['status=open', 'validation_error'],
      ['created_after=yesterday', 'validation_error'],
      ['page=2', 'validation_error'],
      ['cursor=nonsense', 'invalid_request'],
      [`cursor=${Buffer.from('workspace_members:3').toString('base64url')}`, 'invalid_request'],
    ])('refuses ?%s', async (query, type) => {
      const sandbox = await running();
      const { status, error } = await sandbox.api(`GET /meeting_requests?${query}`);
      expect([status, error.type]).toEqual([422, type]);
    });
  });
});
