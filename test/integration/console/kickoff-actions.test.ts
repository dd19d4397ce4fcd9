import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { exampleFile } from '../../../cli/example-files.ts';
import { findKickoff, listAudit, type PhaseName } from '../../../database/index.ts';
import { kickoffWorkflowId } from '../../../workflows/messages.ts';
import {
  inPhase,
  newDeal,
  requestsOf,
  sendHubSpotEvent,
  statusOf,
  type TestStack,
  winQuietly,
} from '../../harness/stack.ts';
import { describeStack } from '../../harness/stacks.ts';
import { openConsole, type TestConsole } from './console.ts';

const OTHER_ORGANIZER = 'sam.kim@yourcompany.example';
const WAIT = { timeout: 20_000, interval: 50 };

// The example's rules; two steps that give up at once, and hold those after them.
const folder = mkdtempSync(join(tmpdir(), 'kickoff-actions-'));
const configFile = join(folder, 'kickoff.config.yaml');
writeFileSync(
  configFile,
  readFileSync(exampleFile('kickoff.config.yaml'), 'utf8').replace(
    /^ {4}on_requested:$/m,
    `$&
      - { id: note_one, kind: crm_note, text: "One.", retry: { attempts: 1 } }
      - { id: note_two, kind: crm_note, text: "Two.", retry: { attempts: 1 } }`,
  ),
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeStack(
  'what a person does from the console',
  (stack) => {
    beforeAll(async () => {
      await stack().control('POST', '/members', { email: OTHER_ORGANIZER, name: 'Sam Kim' });
    });

    async function console(): Promise<TestConsole> {
      const { database, temporal } = stack().services;
      return await openConsole(database, { client: temporal.client });
    }

    /** A deal that is won, with its kickoff in a phase, in the database too. */
    async function won(phase: PhaseName = 'scheduling', changes: object = {}): Promise<string> {
      const dealId = await dispatch(stack(), changes);
      await inPhase(stack(), dealId, phase);
      await recorded(dealId, phase);
      return dealId;
    }

    async function recorded(dealId: string, phase: PhaseName): Promise<void> {
      await vi.waitFor(async () => {
        const row = await findKickoff(stack().services.database.db, kickoffWorkflowId(dealId));
        expect(row?.phase).toBe(phase);
      }, WAIT);
    }

    /** Opens the page of an action, fills its form in and sends it; gives the answer that the next page shows. */
    async function act(browser: TestConsole, action: string, dealId: string, fields: Record<string, string> = {}) {
      const on = kickoffWorkflowId(dealId);
      const page = await browser(`/actions/${action}?${new URLSearchParams({ on, ...idOf(fields) })}`);
      expect(page.status, page.text).toBe(200);
      const sent = await browser.post(`/actions/${action}`, {
        ...hiddenIn(page.text),
        reason: `because of ${action}`,
        ...fields,
      });
      if (sent.status !== 303) return { page: page.text, status: sent.status, answer: sent.text };
      const shown = await browser(sent.headers.get('location') ?? '');
      const answer = /<p[^>]*class="answer (\w+)"[^>]*>([^<]*)/.exec(shown.text);
      return { page: page.text, status: sent.status, answer: answer?.[2] ?? '', tone: answer?.[1] };
    }

    it('pauses and resumes, with the workflow’s own answers, and writes down who and why', async () => {
      const browser = await console();
      const dealId = await won();
      const paused = await act(browser, 'kickoff.pause', dealId, { reason: 'holidays' });
      expect(paused.page).toContain('SkipUp writes to nobody until it is resumed.');
      expect(paused).toMatchObject({ tone: 'good', answer: expect.stringMatching(/paused/i) });
      await inPhase(stack(), dealId, 'paused');

      // What it does not take now has no button, and is refused when it is sent all the same.
      const on = kickoffWorkflowId(dealId);
      const again = await browser(`/actions/kickoff.pause?on=${encodeURIComponent(on)}`);
      expect(again.text).toContain('It does not take this as it stands');
      expect(hiddenIn(again.text)).not.toHaveProperty('attempt');
      const attempt = crypto.randomUUID();
      expect((await browser.post('/actions/kickoff.pause', { attempt, on, reason: 'x' })).status).toBe(409);

      expect(await act(browser, 'kickoff.resume', dealId)).toMatchObject({ tone: 'good' });
      await inPhase(stack(), dealId, 'scheduling');
      const log = await listAudit(stack().services.database.db, { target: on, limit: 10 });
      expect(log.map((row) => [row.action, row.reason, row.outcome, row.name])).toEqual([
        ['kickoff.resume', 'because of kickoff.resume', 'done', 'olive'],
        ['kickoff.pause', 'x', 'refused', 'olive'],
        ['kickoff.pause', 'holidays', 'done', 'olive'],
      ]);
    });

    it('changes the organizer; one whom SkipUp does not know is refused in words', async () => {
      const browser = await console();
      const dealId = await won();
      const wrong = await act(browser, 'kickoff.changeOrganizer', dealId, { email: 'no address' });
      expect([wrong.status, wrong.answer.includes('is no e-mail address')]).toEqual([422, true]);
      const unknown = await act(browser, 'kickoff.changeOrganizer', dealId, { email: 'nobody@elsewhere.example' });
      expect(unknown).toMatchObject({ tone: 'alert', answer: expect.stringContaining('nobody@elsewhere.example') });
      expect(await act(browser, 'kickoff.changeOrganizer', dealId, { email: OTHER_ORGANIZER })).toMatchObject({
        tone: 'good',
      });
      expect((await statusOf(stack(), dealId)).organizer?.email).toBe(OTHER_ORGANIZER);
    });

    it('changes title and one end of the window, in the viewer’s zone; times that there are not are refused', async () => {
      const browser = await console();
      const dealId = await won();
      const before = (await statusOf(stack(), dealId)).request?.timeframe;
      const nothing = await act(browser, 'kickoff.updateContext', dealId);
      expect([nothing.status, nothing.answer.includes('Change at least one of these.')]).toEqual([422, true]);
      const wrong = await act(browser, 'kickoff.updateContext', dealId, { end: '2031-02-30T10:00', title: 'Kept' });
      expect([
        wrong.status,
        wrong.answer.includes('There is no such time'),
        wrong.answer.includes('value="Kept"'),
      ]).toEqual([422, true, true]);
      const done = await act(browser, 'kickoff.updateContext', dealId, { end: '2031-02-10T10:00', title: 'Another' });
      expect(done.page).toContain('In the zone UTC.');
      expect(done).toMatchObject({ tone: 'good' });
      expect((await statusOf(stack(), dealId)).request?.timeframe).toEqual({
        start: before?.start,
        end: expect.stringMatching(/^2031-02-10T10:00:00(\.000)?Z$/),
      });
    });

    it('replaces participants by those of the registry, and by a list', async () => {
      const browser = await console();
      const dealId = await won();
      const first = await act(browser, 'kickoff.replaceParticipants', dealId, { from: 'registry' });
      expect(first).toMatchObject({ tone: 'good' });
      const second = await inPhase(stack(), dealId, 'scheduling');
      expect(second.revision).toBe(2);
      await recorded(dealId, 'scheduling');
      const wrong = await act(browser, 'kickoff.replaceParticipants', dealId, { from: 'list', people: 'nobody' });
      expect([wrong.status, wrong.answer.includes('Line 1 is no person')]).toEqual([422, true]);
      const people = 'Jamie Chen <jamie.chen@acme-corp.example>, Europe/London';
      expect(await act(browser, 'kickoff.replaceParticipants', dealId, { from: 'list', people })).toMatchObject({
        tone: 'good',
      });
      const third = await inPhase(stack(), dealId, 'scheduling');
      expect(third.participants).toMatchObject([
        { email: 'jamie.chen@acme-corp.example', name: 'Jamie Chen', timezone: 'Europe/London' },
      ]);
      expect(await requestsOf(stack(), dealId)).toHaveLength(3);
    });

    it('goes on after a gap, and cancels', async () => {
      const browser = await console();
      const dealId = await won('needs_attention', {
        company: { id: '111222', name: 'Empty Ltd', domain: 'empty.example' },
        contacts: [],
      });
      const done = await act(browser, 'kickoff.proceed', dealId);
      expect(done.tone).toBe('good');
      const page = await browser(`/actions/kickoff.proceed?on=${encodeURIComponent(kickoffWorkflowId(dealId))}`);
      // There is nobody to go on with: it waits again, and says for what.
      await inPhase(stack(), dealId, 'needs_attention');
      expect(page.status).toBe(200);
      const cancelled = await act(browser, 'kickoff.cancel', dealId, {
        notify: 'yes',
        reason: 'the deal fell through',
      });
      expect(cancelled).toMatchObject({ tone: 'good', answer: expect.stringMatching(/cancelled/i) });
      await inPhase(stack(), dealId, 'cancelled');
      const [logged] = await listAudit(stack().services.database.db, { action: 'kickoff.cancel', limit: 1 });
      expect(logged).toMatchObject({ reason: 'the deal fell through', input: { notify: 'yes' }, outcome: 'done' });
    });

    it('runs a failed step again, lets another go, and does what is sent twice once', async () => {
      const browser = await console();
      const { ids } = await stack().control<{ ids: string[] }>('POST', '/faults', {
        fault: 'status',
        status: 400,
        method: 'POST',
        path: '/hubspot/*/notes*',
      });
      const heal = async () => {
        for (const id of ids.splice(0)) await stack().control('DELETE', `/faults/${id}`);
      };
      onTestFinished(heal);
      const dealId = await won();
      const states = async () => {
        const { steps } = await statusOf(stack(), dealId);
        return Object.fromEntries(steps.map(({ id, state }) => [id, state]));
      };
      await vi.waitFor(
        async () => expect(await states()).toMatchObject({ note_one: 'failed', note_two: 'failed' }),
        WAIT,
      );
      await heal();
      const retried = await act(browser, 'kickoff.retryStep', dealId, { id: 'note_one' });
      expect(retried.page).toContain('<option value="note_two">');
      expect(retried).toMatchObject({ tone: 'good' });
      await vi.waitFor(async () => expect(await states()).toMatchObject({ note_one: 'done' }), WAIT);
      const gone = await browser(
        `/actions/kickoff.retryStep?${new URLSearchParams({ on: kickoffWorkflowId(dealId), id: 'note_one' })}`,
      );
      expect(gone.text).toContain('The step “note_one” has not failed, or has been settled since.');

      const path = `/actions/kickoff.skipStep`;
      const page = await browser(`${path}?${new URLSearchParams({ on: kickoffWorkflowId(dealId), id: 'note_two' })}`);
      const form = { ...hiddenIn(page.text), id: 'note_two', reason: 'done by hand' };
      const sent = await Promise.all([browser.post(path, form), browser.post(path, form)]);
      expect(sent.map(({ status }) => status)).toEqual([303, 303]);
      expect(await states()).toMatchObject({ note_two: 'skipped' });
      const log = await listAudit(stack().services.database.db, { action: 'kickoff.skipStep', limit: 5 });
      expect(log).toMatchObject([{ outcome: 'done', input: { id: 'note_two' } }]);
    });

    it('is for operators: a viewer, and a form without its token, change nothing', async () => {
      const dealId = await won();
      const on = kickoffWorkflowId(dealId);
      const { database, temporal } = stack().services;
      const viewer = await openConsole(database, { client: temporal.client, as: 'viewer' });
      expect((await viewer(`/actions/kickoff.pause?on=${encodeURIComponent(on)}`)).status).toBe(403);
      const form = { attempt: crypto.randomUUID(), on, reason: 'x' };
      expect((await viewer.post('/actions/kickoff.pause', form)).status).toBe(403);
      const browser = await console();
      expect((await browser.post('/actions/kickoff.pause', { ...form, csrf: 'foreign' })).status).toBe(403);
      expect((await browser.post('/actions/kickoff.pause', { ...form, csrf: await viewer.csrf() })).status).toBe(403);
      const nobody = await openConsole(database, { client: temporal.client, as: 'nobody' });
      expect((await nobody.post('/actions/kickoff.pause', form)).status).toBe(403);
      expect((await statusOf(stack(), dealId)).phase).toBe('scheduling');
      const log = await listAudit(database.db, { target: on, limit: 10 });
      expect(log.map(({ name, outcome }) => [name, outcome])).toEqual([
        ['olive', 'refused'],
        ['olive', 'refused'],
        ['vera', 'refused'],
      ]);
    });

    it('pauses many at once, after a preview; not when they have changed since', async () => {
      const browser = await console();
      const account = { company: { id: '777888', name: 'Many Moons', domain: 'moons.example' } };
      const first = await won('scheduling', account);
      const second = await won('scheduling', account);
      const path = '/bulk/kickoff.pause';
      const query = new URLSearchParams({ account: await accountOf(stack(), first) });
      const stale = hiddenIn((await browser(`${path}?${query}`)).text);
      const third = await won('scheduling', account);
      const refused = await browser.post(path, { ...stale, reason: 'holidays' });
      expect([refused.status, refused.text.includes('<h1>Pause 3 kickoffs</h1>')]).toEqual([409, true]);
      expect((await statusOf(stack(), first)).phase).toBe('scheduling');

      const begun = await browser.post(path, { ...hiddenIn(refused.text), reason: 'holidays' });
      expect(begun.status).toBe(303);
      const run = begun.headers.get('location') ?? '';
      await vi.waitFor(async () => expect((await browser(run)).text).toContain('Of 3: 3 done.'), WAIT);
      for (const dealId of [first, second, third]) await inPhase(stack(), dealId, 'paused');
    });
  },
  { configFile },
);

async function dispatch(stack: TestStack, changes: object): Promise<string> {
  const dealId = await newDeal(stack, changes);
  await winQuietly(stack, dealId);
  await sendHubSpotEvent(stack, dealId);
  return dealId;
}

async function accountOf({ services }: TestStack, dealId: string): Promise<string> {
  const row = await findKickoff(services.database.db, kickoffWorkflowId(dealId));
  return row?.account_id ?? '';
}

/** What the form of an action carries besides what a person fills in. */
function hiddenIn(text: string): Record<string, string> {
  const form = text.slice(text.indexOf('<form class="action"'));
  if (form === text || text.indexOf('<form class="action"') === -1) return {};
  const hidden = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
  return Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value]));
}

function idOf({ id }: Record<string, string>): Record<string, string> {
  return id === undefined ? {} : { id };
}
