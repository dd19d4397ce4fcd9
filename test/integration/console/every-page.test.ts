import { describe, expect, it } from 'vitest';
import { type Database, insertInbox, recordPhase } from '../../../database/index.ts';
import { eachDatabase } from '../../harness/databases.ts';
import { openConsole, seedBooked, seedKickoff, seedStep } from './console.ts';

const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;

/** The part of a page under one heading. */
function _section(text: string, heading: string): string {
  return text.split(/<section /).find((part) => part.includes(`id="${heading}"`)) ?? '';
}

eachDatabase('the console', (open) => {
  describe('every page', () => {
    async function everyPage(database: Database) {
      const get = await openConsole(database);
      const workflowId = await seedBooked(database, HOSTILE.slice(0, 60), HOSTILE);
      await recordPhase(database.db, { workflowId, revision: 1, phase: 'needs_attention', needs: [HOSTILE] });
      const evil = await seedKickoff(database, 'evil', { account: HOSTILE, name: HOSTILE, url: 'javascript:alert(1)' });
      await seedStep(database, evil, 'project', HOSTILE);
      await seedStep(database, evil, 'link', { detail: HOSTILE, url: 'javascript:alert(1)' });
      await insertInbox(database.db, [
        {
          source: 'deal',
          dedupeKey: 'x',
          eventType: HOSTILE,
          subject: HOSTILE,
          payload: {},
          status: 'ignored',
          reason: HOSTILE,
        },
      ]);
      const paths = [
        '/',
        `/kickoffs?q=${encodeURIComponent(HOSTILE)}`,
        `/kickoffs/${encodeURIComponent(workflowId)}`,
        `/kickoffs/${encodeURIComponent(evil)}`,
        '/inbox',
        '/kickoffs/unknown',
        '/kickoffs?phase=nonsense',
      ];
      return await Promise.all(paths.map(async (path) => ({ path, ...(await get(path)) })));
    }

    it('shows hostile names as names', async () => {
      const pages = await everyPage(await open());
      for (const { path, text } of pages) {
        expect(text, path).not.toMatch(/<script|<img|href="javascript:/i);
      }
      for (const { path, text } of pages.slice(0, 5)) {
        expect(text, path).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
      }
    });

    it('has no inline style or script, and the headers that would not let one run', async () => {
      for (const { path, text, headers } of await everyPage(await open())) {
        expect(text, path).not.toMatch(/<style|<script/i);
        for (const attribute of attributesOf(text)) expect(attribute, path).not.toMatch(/^(style|on.*)$/);
        expect(headers.get('content-security-policy'), path).toBe(
          "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        );
        expect(headers.get('x-content-type-options'), path).toBe('nosniff');
        expect(headers.get('referrer-policy'), path).toBe('same-origin');
        expect(headers.get('cache-control'), path).toBe('no-store');
      }
    });

    it('has one main, one h1, a navigation, a language, and says its zone with every time', async () => {
      for (const { path, text } of await everyPage(await open())) {
        expect(text.match(/<main/g), path).toHaveLength(1);
        expect(text.match(/<h1/g), path).toHaveLength(1);
        expect(text, path).toContain('<html lang="en">');
        expect(text, path).toContain('<nav aria-label="Main">');
        for (const [, shown] of text.matchAll(/<time [^>]*>([^<]*)</g)) expect(shown).toMatch(/ (UTC|\w+\/\w+)$/);
        const ids = [...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
        expect(new Set(ids).size, path).toBe(ids.length);
      }
    });

    it('is well-formed: every element that is opened is closed, in its order', async () => {
      for (const { path, text } of await everyPage(await open())) {
        expect(unbalanced(text), path).toEqual([]);
      }
    });

    it('has its stylesheet, with a dark scheme, under the path that it names', async () => {
      const get = await openConsole(await open());
      const path = /<link rel="stylesheet" href="([^"]+)">/.exec((await get('/')).text)?.[1];
      expect(path).toBe('/console/style.css');
      const css = await get(path ?? '');
      expect(css.headers.get('content-type')).toBe('text/css; charset=utf-8');
      expect(css.text).toContain('prefers-color-scheme: dark');
    });
  });

  describe('the plugin', () => {
    it('writes nothing, whatever is asked', async () => {
      const database = await open();
      const workflowId = await seedBooked(database);
      const everything = async () =>
        JSON.stringify(
          await Promise.all(
            (['inbox', 'kickoffs', 'meeting_requests', 'steps', 'stakeholders'] as const).map((table) =>
              database.db.selectFrom(table).selectAll().execute(),
            ),
          ),
        );
      const before = await everything();
      const get = await openConsole(database);
      const paths = ['/', '/inbox', `/kickoffs/${encodeURIComponent(workflowId)}`];
      for (const path of paths) {
        expect((await get(path)).status).toBe(200);
        for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
          expect([404, 405]).toContain((await get(path, { method })).status);
        }
      }
      expect(await everything()).toBe(before);
    });

    it('leaves what is not its own to the server', async () => {
      const get = await openConsole(await open());
      expect((await get('/healthz')).headers.get('content-security-policy')).toBeNull();
      const unknown = await get('/nothing-here');
      expect(unknown.status).toBe(404);
      expect(unknown.headers.get('content-type')).toContain('application/json');
    });
  });
});

const VOID = new Set(['meta', 'link', 'input', 'br', '!doctype']);

/** The names of all attributes; what stands in quotes is nobody's attribute. */
function attributesOf(text: string): string[] {
  return [...text.matchAll(/<[a-z][^\s>]*((?:\s+[^\s"=>]+(?:="[^"]*")?)*)\s*>/gi)].flatMap(([, attributes = '']) =>
    [...attributes.matchAll(/\s([^\s"=]+)(?:="[^"]*")?/g)].map(([, attribute = '']) => attribute.toLowerCase()),
  );
}

/** The closing tags that close nothing, and what stays open. */
function unbalanced(text: string): string[] {
  const stack: string[] = [];
  const wrong: string[] = [];
  for (const [tag, slash, name = ''] of text.matchAll(/<(\/?)([a-z!][a-z0-9]*)(?:\s[^>]*)?>/gi)) {
    if (VOID.has(name.toLowerCase())) continue;
    if (slash === '') stack.push(name);
    else if (stack.pop() !== name) wrong.push(tag);
  }
  return [...wrong, ...stack];
}
