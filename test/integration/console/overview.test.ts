import { describe, expect, it } from 'vitest';
import {
  type Database,
  markDealLost,
  markDealWonAgain,
  recordPhase,
  recordResolution,
} from '../../../database/index.ts';
import { eachDatabase } from '../../harness/databases.ts';
import { openConsole, seedBooked, seedKickoff, seedStep } from './console.ts';

async function seedWaiting(database: Database, dealId: string, needs: string[]): Promise<string> {
  const workflowId = await seedKickoff(database, dealId, { account: 'Globex' });
  await recordPhase(database.db, { workflowId, revision: 1, phase: 'needs_attention', needs });
  return workflowId;
}

/** The part of a page under one heading. */
function section(text: string, heading: string): string {
  return text.split(/<section /).find((part) => part.includes(`id="${heading}"`)) ?? '';
}

eachDatabase('the console', (open) => {
  describe('the overview', () => {
    it('says what to do first when nothing has happened yet', async () => {
      const get = await openConsole(await open());
      const page = await get('/');
      expect(page.status).toBe(200);
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(page.text).toContain('No deal has closed yet');
      expect(page.text).toContain('kickoff dispatch --deal');
      expect(page.text).not.toContain('<table');
    });

    it('puts what needs a person first, with what it needs', async () => {
      const database = await open();
      await seedBooked(database);
      await seedWaiting(database, '7', ['SkipUp refused: the organizer is not a member.']);
      const { text } = await (await openConsole(database))('/');
      const attention = section(text, 'attention');
      expect(attention).toContain('SkipUp refused: the organizer is not a member.');
      expect(attention).toContain('<code>kickoff proceed --deal 7</code>');
      expect(attention).toContain('href="/kickoffs/kickoff%3A5012"');
      expect(attention).toContain('failed: the CRM refused the task: no permission');
      expect(attention.indexOf('kickoff%3A7')).toBeLessThan(attention.indexOf('kickoff%3A5012'));
      expect(text.indexOf('id="attention"')).toBeLessThan(text.indexOf('id="list"'));
    });

    it('names the gaps that block until the workflow has said what it needs', async () => {
      const database = await open();
      const workflowId = await seedKickoff(database, '8');
      const gaps = [
        { code: 'no_organizer', severity: 'block', message: 'Nobody can invite.', acceptable: false },
        { code: 'missing_role', severity: 'warn', message: 'No billing contact.', acceptable: true },
      ];
      const resolution = { workflowId, revision: 1, organizer: undefined, participants: [], excluded: [], gaps };
      await recordResolution(database.db, { ...resolution, phase: 'needs_attention' });
      const attention = section((await (await openConsole(database))('/')).text, 'attention');
      expect(attention).toContain('Nobody can invite.');
      expect(attention).not.toContain('No billing contact.');
    });

    it('asks about a kickoff whose deal is not won any more, while it goes on scheduling', async () => {
      const database = await open();
      const workflowId = await seedKickoff(database, '9');
      const needs = ['The deal is at stage negotiation, not won any more.'];
      await recordPhase(database.db, { workflowId, revision: 1, phase: 'scheduling', needs });
      const get = await openConsole(database);
      expect(section((await get('/')).text, 'attention')).toContain('Nothing needs a person now.');
      await markDealLost(database.db, workflowId, '2026-11-20T10:00:00.000Z');
      expect(section((await get('/')).text, 'attention')).toContain('not won any more');
      await markDealWonAgain(database.db, workflowId);
      expect(section((await get('/')).text, 'attention')).toContain('Nothing needs a person now.');
    });

    it('asks for nobody when the failed step’s kickoff has closed, or is of an earlier revision', async () => {
      const database = await open();
      const closed = await seedBooked(database, '1');
      const closesAt = '2020-01-01T00:00:00Z';
      await recordPhase(database.db, { workflowId: closed, revision: 1, phase: 'done', closesAt });
      const again = await seedKickoff(database, '2');
      await seedStep(database, again, 'project', 'refused');
      await recordPhase(database.db, { workflowId: again, revision: 2, phase: 'resolving' });
      const { text } = await (await openConsole(database))('/');
      expect(text).toContain('Nothing needs a person now.');
    });

    it('says that there are more than it shows, and where', async () => {
      const database = await open();
      for (let deal = 1; deal <= 21; deal += 1) await seedWaiting(database, `w${deal}`, ['Name an organizer.']);
      const booked = await seedKickoff(database, 'many-steps');
      for (let step = 1; step <= 21; step += 1) await seedStep(database, booked, `s${step}`, 'refused');
      const attention = section((await (await openConsole(database))('/')).text, 'attention');
      expect(attention.match(/Name an organizer\./g)).toHaveLength(20);
      expect(attention).toContain('<a href="/?phase=needs_attention">all that wait for a person</a>');
      expect(attention.match(/failed: refused/g)).toHaveLength(20);
      expect(attention).toContain('More steps have failed');
    });

    it('counts the kickoffs by phase, each count a filter', async () => {
      const database = await open();
      await seedWaiting(database, '1', []);
      await seedWaiting(database, '2', []);
      await seedKickoff(database, '3');
      const phases = section((await (await openConsole(database))('/')).text, 'phases');
      expect(phases).toContain('<a href="/?phase=needs_attention">Needs a person: 2</a>');
      expect(phases).toContain('<a href="/?phase=resolving">Finding out who takes part: 1</a>');
      expect(phases).not.toContain('Cancelled');
    });

    it('searches deals and accounts, and keeps the search in the address and in its field', async () => {
      const database = await open();
      await seedKickoff(database, '1', { account: 'Initech', name: 'Stapler rollout' });
      await seedKickoff(database, '2', { account: 'Hooli' });
      const get = await openConsole(database);
      const found = section((await get('/?q=stapler')).text, 'list');
      expect(found).toContain('Initech');
      expect(found).not.toContain('Hooli');
      expect(found).toContain('name="q" value="stapler"');
      expect(found).toMatch(/<form[^>]+method="get" action="\/"/);
      expect((await get('/?q=nobody+knows')).text).toContain('No kickoff’s deal or account contains “nobody knows”');
      expect((await get('/?q=%25')).text).toContain('No kickoff’s deal or account contains “%”');
    });

    it('filters by the phase in the address, together with the search', async () => {
      const database = await open();
      await seedWaiting(database, '1', []);
      await seedKickoff(database, '2', { account: 'Hooli' });
      const get = await openConsole(database);
      const list = section((await get('/?phase=resolving')).text, 'list');
      expect(list).toContain('Hooli');
      expect(list).not.toContain('Globex');
      expect(list).toContain('<input type="hidden" name="phase" value="resolving">');
      expect(section((await get('/?phase=resolving&q=globex')).text, 'list')).toContain('No kickoff’s');
      expect(section((await get('/?phase=paused')).text, 'list')).toContain('No kickoff is in this phase now.');
    });

    it('pages through all kickoffs, newest first, each once', async () => {
      const database = await open();
      const made: string[] = [];
      for (let deal = 1; deal <= 120; deal += 1) made.push(await seedKickoff(database, `d${deal}`));
      const get = await openConsole(database);
      const seen: string[] = [];
      let path: string | undefined = '/';
      let pages = 0;
      while (path !== undefined && pages < 10) {
        const list = section((await get(path)).text, 'list');
        seen.push(
          ...[...list.matchAll(/<th scope="row"><a href="\/kickoffs\/([^"]+)"/g)].map(([, id]) =>
            decodeURIComponent(id ?? ''),
          ),
        );
        path = /<a href="([^"]+)" rel="next">/.exec(list)?.[1]?.replaceAll('&amp;', '&');
        pages += 1;
      }
      expect(pages).toBe(3);
      expect(seen).toHaveLength(120);
      expect(new Set(seen)).toEqual(new Set(made));
    });

    it('answers an address that cannot be meant with 400 and a page that says so', async () => {
      const get = await openConsole(await open());
      for (const path of ['/?phase=nonsense', '/?before=x', '/?q=a&q=b', '/inbox?status=lost', '/inbox?before=-1']) {
        const page = await get(path);
        expect(page.status, path).toBe(400);
        expect(page.text).toContain('<h1>That address leads nowhere</h1>');
      }
    });
  });
});
