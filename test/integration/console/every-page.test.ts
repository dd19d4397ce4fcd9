import { describe, expect, it } from 'vitest';
import { type Database, insertInbox, recordPhase } from '../../../database/index.ts';
import { consolePaths } from '../../harness/console-paths.ts';
import { eachDatabase, openEmptied } from '../../harness/databases.ts';
import { openConsole, type Page, seedBooked, seedKickoff, seedStep } from './console.ts';

const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;

/** The only script that a page has. */
const OUR_SCRIPT = '<script type="module" src="/console/console.js"></script>';
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Every page about things with hostile names. */
async function everyPage(database: Database): Promise<(Page & { path: string })[]> {
  const get = await openConsole(database, { hasRecovery: true });
  const { db } = database;
  const workflowId = await seedBooked(database, HOSTILE.slice(0, 60), HOSTILE);
  await recordPhase(db, { workflowId, revision: 1, phase: 'needs_attention', needs: [HOSTILE] });
  const evil = await seedKickoff(database, 'evil', { account: HOSTILE, name: HOSTILE, url: 'javascript:alert(1)' });
  await seedStep(database, evil, 'project', HOSTILE);
  await seedStep(database, evil, 'link', { detail: HOSTILE, url: 'javascript:alert(1)' });
  const { ids } = await insertInbox(db, [
    {
      source: 'deal',
      dedupeKey: 'x',
      eventType: HOSTILE,
      subject: HOSTILE,
      payload: { [HOSTILE]: HOSTILE },
      status: 'ignored',
      reason: HOSTILE,
    },
  ]);
  const event = ids[0] ?? 0;
  const named = ['/', '/kickoffs', '/inbox', `/inbox/${event}`].concat(
    [workflowId, evil].map((id) => `/kickoffs/${encodeURIComponent(id)}`),
    ['/kickoffs', '/inbox', '/registry'].map((list) => `${list}?${new URLSearchParams({ q: HOSTILE })}`),
  );
  const others = ['/kickoffs?phase=nonsense', '/registry/import'];
  const paths = new Set([...named, ...consolePaths({ kickoff: evil, event }), ...others]);
  return await Promise.all([...paths].map(async (path) => ({ path, ...(await get(path)) })));
}

/** The pages that show a hostile name. */
const NAMING = /^\/(?:$|inbox\?|inbox$|inbox\/\d|kickoffs$|kickoffs\?q=%3C|kickoffs\/kickoff|registry\?q)/;

eachDatabase('the console', (open) => {
  describe('every page', () => {
    it('shows hostile names as names, is well-formed, and its headers would not let a script of theirs run', async () => {
      const pages = await everyPage(await open());
      expect(pages.filter(({ path }) => NAMING.test(path)).length).toBeGreaterThan(7);
      for (const { path, status, text, headers } of pages) {
        expect(status, path).not.toBe(500);
        expect(text.replace(OUR_SCRIPT, ''), path).not.toMatch(/<script|<style|<img|href="javascript:/i);
        if (NAMING.test(path)) expect(text, path).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
        for (const attribute of attributesOf(text)) expect(attribute, path).not.toMatch(/^(style|on.*)$/);
        expect(headers.get('content-security-policy'), path).toBe(POLICY);
        expect(headers.get('x-content-type-options'), path).toBe('nosniff');
        expect(headers.get('referrer-policy'), path).toBe('same-origin');
        expect(headers.get('cache-control'), path).toBe('no-store');
        // One main, one h1, a navigation, a language, and its zone with every time.
        expect(text.match(/<main/g), path).toHaveLength(1);
        expect(text.match(/<h1/g), path).toHaveLength(1);
        expect(text, path).toContain('<html lang="en">');
        expect(text, path).toContain('<nav aria-label="Main">');
        for (const [, shown] of text.matchAll(/<time [^>]*>([^<]*)</g)) expect(shown).toMatch(/ (UTC|\w+\/\w+)$/);
        const labels = [...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
        expect(new Set(labels).size, path).toBe(labels.length);
        expect(unbalanced(text), path).toEqual([]);
      }
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
  });
});

describe('the plugin', () => {
  it('has its stylesheet, with a dark scheme, under the path that every page names', async () => {
    const get = await openConsole(await openEmptied());
    const path = /<link rel="stylesheet" href="([^"]+)">/.exec((await get('/')).text)?.[1];
    expect(path).toBe('/console/style.css');
    const css = await get(path ?? '');
    expect(css.headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect(css.text).toContain('prefers-color-scheme: dark');
  });

  it('leaves what is not its own to the server', async () => {
    const get = await openConsole(await openEmptied());
    expect((await get('/healthz')).headers.get('content-security-policy')).toBeNull();
    const unknown = await get('/nothing-here');
    expect(unknown.status).toBe(404);
    expect(unknown.headers.get('content-type')).toContain('application/json');
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
    const isDrawn = tag.endsWith('/>') && stack.includes('svg');
    if (isDrawn || VOID.has(name.toLowerCase())) continue;
    if (slash === '') stack.push(name);
    else if (stack.pop() !== name) wrong.push(tag);
  }
  return [...wrong, ...stack];
}
