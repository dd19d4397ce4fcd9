import { describe, expect, it } from 'vitest';
import { topicsIn } from '../../../console/live/topics.ts';
import { SECURITY_HEADERS } from '../../../console/security-headers.ts';
import { type Database, insertInbox, recordPhase } from '../../../database/index.ts';
import { consolePaths } from '../../harness/console-paths.ts';
import { eachDatabase } from '../../harness/databases.ts';
import { openConsole, seedBooked, seedKickoff, seedStep } from './console.ts';

const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;

/** The only one that a page has. */
const SCRIPT = '<script type="module" src="/console/console.js"></script>';

interface SeenPage {
  path: string;
  status: number;
  headers: Headers;
  text: string;
}

eachDatabase('the console', (open) => {
  describe('every page', () => {
    /** All of them, of a database in which everything that comes from outside is hostile; read once. */
    let seen: Promise<SeenPage[]> | undefined;
    const everyPage = async () => {
      seen ??= open().then(readEveryPage);
      return await seen;
    };

    it('shows hostile names as names', async () => {
      for (const { path, text } of await everyPage()) {
        expect(text.replaceAll(SCRIPT, ''), path).not.toMatch(/<script|<img|href="javascript:/i);
      }
      const showing = (await everyPage()).filter(({ text }) => text.includes('&lt;script&gt;alert(1)&lt;/script&gt;'));
      expect(showing.map(({ path }) => path)).toEqual(
        expect.arrayContaining(['/', '/kickoffs', '/inbox', '/kickoffs/kickoff%3Aevil']),
      );
    });

    it('has no inline style or script, and the headers that would not let one run', async () => {
      for (const { path, text, headers } of await everyPage()) {
        expect(text.split(SCRIPT), path).toHaveLength(2);
        expect(text.replace(SCRIPT, ''), path).not.toMatch(/<style|<script/i);
        for (const attribute of attributesOf(text)) expect(attribute, path).not.toMatch(/^(style|on.*)$/);
        for (const [name, value] of Object.entries(SECURITY_HEADERS)) expect(headers.get(name), path).toBe(value);
      }
    });

    it('is let load nothing but its own files, and is in nobody’s frame', () => {
      const policy = SECURITY_HEADERS['content-security-policy'];
      expect(policy).toMatch(/^default-src 'none'; /);
      expect(policy).not.toMatch(/unsafe|data:|blob:|https?:|\*/);
      expect(policy).toContain("base-uri 'none'; frame-ancestors 'none'");
    });

    it('has one main, one h1, a navigation, a language, headings in order, and says its zone with every time', async () => {
      for (const { path, text } of await everyPage()) {
        expect(text.match(/<main/g), path).toHaveLength(1);
        expect(text.match(/<h1/g), path).toHaveLength(1);
        expect(text, path).toContain('<html lang="en">');
        expect(text, path).toContain('<nav aria-label="Main">');
        for (const [, day, shown] of text.matchAll(/<time datetime="([^"]*)"[^>]*>([^<]*)</g)) {
          // A day is in no zone.
          if (shown !== day) expect(shown, path).toMatch(/ (UTC|\w+\/\w+)$/);
        }
        const levels = [...text.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
        levels.forEach((level, at) => {
          expect(level - (levels[at - 1] ?? 0), `${path}: h${level} as heading ${at}`).toBeLessThanOrEqual(1);
        });
        const ids = [...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
        expect(new Set(ids).size, path).toBe(ids.length);
      }
    });

    it('is well-formed: every element that is opened is closed, in its order', async () => {
      for (const { path, text } of await everyPage()) {
        expect(unbalanced(text), path).toEqual([]);
      }
    });

    it('follows what there is to follow, in parts that can be found again', async () => {
      for (const { path, text } of await everyPage()) {
        const live = /<main[^>]* data-live="([^"]*)"/.exec(text)?.[1];
        if (live !== undefined) expect(() => topicsIn(unescaped(live)), path).not.toThrow();
        for (const [tag] of text.matchAll(/<[a-z]+ [^>]*\bdata-part\b[^>]*>/g))
          expect(tag, path).toMatch(/ id="[\w-]+"/);
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
          expect([403, 404, 405]).toContain((await get(path, { method })).status);
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

async function readEveryPage(database: Database): Promise<SeenPage[]> {
  const get = await openConsole(database);
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
  const paths = [
    ...consolePaths({ kickoff: evil, event: ids[0] ?? 0 }),
    `/kickoffs/${encodeURIComponent(workflowId)}`,
    `/kickoffs?q=${encodeURIComponent(HOSTILE)}`,
    '/kickoffs?phase=nonsense',
    `/inbox?q=${encodeURIComponent(HOSTILE)}`,
    `/actions/kickoff.cancel?on=${encodeURIComponent(HOSTILE)}`,
  ];
  const seen: SeenPage[] = [];
  for (const path of paths) seen.push({ path, ...(await get(path)) });
  return seen;
}

/** Of what is in an attribute. */
function unescaped(text: string): string {
  const characters: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
  return text.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (entity) => characters[entity] ?? entity);
}

const VOID = new Set(['meta', 'link', 'input', 'br', 'hr', '!doctype']);

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
    // What is drawn may close itself.
    if (VOID.has(name.toLowerCase()) || tag.endsWith('/>')) continue;
    if (slash === '') stack.push(name);
    else if (stack.pop() !== name) wrong.push(tag);
  }
  return [...wrong, ...stack];
}
