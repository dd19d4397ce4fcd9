import Fastify from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { addAccess } from '../../../console/access/access.ts';
import { checkForm } from '../../../console/access/check-form.ts';
import { hashPassword } from '../../../console/index.ts';
import { addConsoleAccount } from '../../../database/index.ts';
import { openEmptied } from '../../harness/databases.ts';
import { Browser } from './browser.ts';
import { CHEAP_COST, contextOf, PASSWORD } from './console.ts';

/** Some pages of the console that do something when they are posted to; it is written down when they did. */
async function guarded() {
  const database = await openEmptied();
  await addConsoleAccount(database.db, {
    name: 'ada',
    role: 'operator',
    passwordHash: await hashPassword(PASSWORD, CHEAP_COST),
  });
  const done: string[] = [];
  const app = Fastify();
  await addAccess(app, contextOf(database, {}));
  app.addContentTypeParser('multipart/form-data', { parseAs: 'string' }, async (_request: unknown, body: string) => ({
    csrf: /name="csrf"\r\n\r\n([^\r]*)/.exec(body)?.[1],
  }));
  app.get('/token', async ({ visit }) => visit.csrfToken);
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    app.route({ method, url: '/thing', handler: async () => done.push(method) });
  }
  app.post<{ Body: { csrf?: string } }>('/actions/thing', async (request) => {
    checkForm(request, request.body.csrf);
    return done.push('file');
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => app.close());
  const browser = new Browser();
  const signIn = async () => {
    const page = await browser.ask(`${url}/sign-in`);
    await browser.submit(page, '/sign-in', { name: 'ada', password: PASSWORD });
    return (await browser.ask(`${url}/token`)).text;
  };
  return { url, browser, done, signIn };
}

function multipart(csrf: string): FormData {
  const form = new FormData();
  form.set('csrf', csrf);
  return form;
}

it('does nothing for whoever is not signed in, whatever they send', async () => {
  const { url, browser, done } = await guarded();
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const bodies = [undefined, new URLSearchParams({ csrf: '' }), new URLSearchParams({ csrf: 'undefined' }), '{}'];
    for (const body of bodies) {
      expect((await browser.ask(`${url}/thing`, { method, ...(body !== undefined && { body }) })).status).toBe(403);
    }
  }
  expect((await browser.ask(`${url}/actions/thing`, { method: 'POST', body: multipart('') })).status).toBe(403);
  expect(done).toEqual([]);
});

it('does nothing without the session’s token, in whatever way the body is written', async () => {
  const { url, browser, done, signIn } = await guarded();
  const csrf = await signIn();
  const json = (body: unknown) => ({ body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  const wrong: [string, RequestInit][] = [
    ['/thing', {}],
    ['/thing', { body: 'x' }],
    ['/thing', json({})],
    ['/thing', json({ csrf: [csrf] })],
    ['/thing', json({ csrf: { value: csrf } })],
    ['/thing', json(null)],
    ['/thing', { body: multipart(csrf.toUpperCase()) }],
    ['/actions/thing', { body: multipart('') }],
    ['/actions/thing', { body: multipart(`${csrf}x`) }],
    ['/actions/thing', { body: new URLSearchParams({ csrf: csrf.slice(1) }) }],
  ];
  for (const [path, init] of wrong) {
    expect((await browser.ask(`${url}${path}`, { method: 'POST', ...init })).status, JSON.stringify(init)).toBe(403);
  }
  expect(done).toEqual([]);
  const right: [string, RequestInit][] = [
    ['/thing', { body: new URLSearchParams({ csrf }) }],
    ['/thing', json({ csrf })],
    ['/thing', { headers: { 'x-csrf-token': csrf } }],
    ['/actions/thing', { body: multipart(csrf) }],
  ];
  for (const [path, init] of right) {
    expect((await browser.ask(`${url}${path}`, { method: 'POST', ...init })).status).toBe(200);
  }
  expect(done).toEqual(['POST', 'POST', 'POST', 'file']);
});
