/**
 * The seeded run of the pictures, on real parts: six weeks that pass in a minute and a half, and on the same folder the last
 * days, at the pace of the wall's clock. What SkipUp's people do is the sandbox's; what a person at the console would do is
 * done through Temporal here.
 */
import { createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import { addressOf, dealOf, MEMBERS } from './accounts.mjs';
import { load } from './load.mjs';

const messages = await load('workflows/messages.js');
const { exampleFile } = await load('cli/example-files.js');
const { createLogger } = await load('config/index.js');
const { startStack } = await load('cli/stack.js');
const { Teardown } = await load('cli/teardown.js');
const { clockShowing } = await load('cli/virtual-clock.js');

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const PATIENCE_MS = 60_000;
const PAST_DAYS = 44;
/** Two seconds are a day. */
const PAST_SCALE = 43_200;
/** As good as none; a clock that does not run ahead cannot show another time. */
const PRESENT_SCALE = 1.000_01;

/**
 * What closes when (days from the start of the past, always at 15:00 UTC of a working day), and what a person does so many days
 * later. Who has no `then` takes the way that the sandbox's people give it.
 */
const PAST = [
  { day: 1, deal: 'fernwood' },
  { day: 3, deal: 'bluepeak' },
  { day: 8, deal: 'harbor' },
  {
    day: 9,
    deal: 'kestrel',
    owner: 'dana',
    later: 1.5,
    then: ['changeOrganizer', { email: 'tomas.weber@yourcompany.example' }],
  },
  { day: 11, deal: 'ostrich' },
  { day: 15, deal: 'quill' },
  { day: 17, deal: 'meridian', later: 2, then: ['cancel', { reason: 'the contract was postponed', notify: true }] },
  { day: 18, deal: 'larkspur' },
  { day: 22, deal: 'tern' },
  { day: 23, deal: 'willow' },
  {
    day: 25,
    deal: 'solace',
    owner: 'dana',
    later: 1,
    then: ['changeOrganizer', { email: 'tomas.weber@yourcompany.example' }],
  },
  { day: 29, deal: 'viento' },
  { day: 31, deal: 'zephyr' },
];

/** Opens the whole stack on a folder, as `kickoff dev` would, with its clock showing an instant. */
async function open({ dataDir, progress, signal, shows, scale }) {
  const teardown = new Teardown();
  const anchored = {};
  try {
    const stack = await startStack({
      env: { ...process.env, KICKOFF_CONFIG: undefined, DATABASE_URL: undefined, TEMPORAL_ADDRESS: undefined },
      cwd: dataDir,
      dataDir,
      configFile: exampleFile('kickoff.config.yaml'),
      ports: { serve: 0, sandbox: 0, temporal: 0, temporalUi: 0 },
      clock: () => Object.assign(anchored, clockShowing(shows, scale)),
      seed: 'pictures',
      fixture: {
        members: MEMBERS,
        // Nobody answers who would have to, for Yarrow and Granite: those are the ones that wait.
        people: {
          [addressOf('yarrow', 1)]: { neverReplies: true },
          [addressOf('granite', 1)]: { needsFollowUps: 3 },
          [addressOf('juniper', 0)]: { neverReplies: true },
          [addressOf('ember', 0)]: { neverReplies: true },
        },
        everybody: {},
      },
      logger: createLogger({ level: 'silent' }),
      progress,
      teardown,
      signal,
    });
    return { stack, teardown, clock: anchored };
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

/**
 * Lets the past happen, and ends what it has started.
 *
 * @returns which instants of the wall's clock it took, and what the run's clock showed at both
 */
export async function letPastHappen({ dataDir, progress, signal }) {
  const began = startOfPast(new Date());
  const { stack, teardown, clock } = await open({ dataDir, progress, signal, shows: began, scale: PAST_SCALE });
  const wallBegan = Date.now();
  const shown = (wall) => Date.parse(clock.anchor) + (wall - Date.parse(clock.anchor)) * clock.scale;
  try {
    const play = playing(stack, signal);
    await progress.stage('Six weeks of kickoffs, in a minute and a half', async (say) => {
      const happenings = PAST.flatMap(({ day, deal, owner, later, then }) => [
        { day, name: dealOf(deal).fixture.company.name, run: () => play.close(deal, owner) },
        ...(then === undefined ? [] : [{ day: day + later, name: then[0], run: () => play.ask(deal, ...then) }]),
      ]).sort((a, b) => a.day - b.day);
      for (const { day, name, run } of happenings) {
        const due = began.getTime() + day * DAY_MS;
        await pause(Math.max(0, (due - shown(Date.now())) / PAST_SCALE), undefined, { signal });
        say(`${new Date(due).toISOString().slice(0, 10)} · ${name}`);
        await run();
      }
      const rest = began.getTime() + PAST_DAYS * DAY_MS - shown(Date.now());
      await pause(Math.max(0, rest / PAST_SCALE), undefined, { signal });
    });
  } finally {
    await teardown.run();
  }
  const wallEnded = Date.now();
  return [
    { wall: wallBegan - 60_000, shown: shown(wallBegan - 60_000) },
    { wall: wallEnded, shown: shown(wallEnded) },
  ];
}

/** A Monday, 15:00 UTC, so far back that the past ends some days ago. */
function startOfPast(now) {
  const monday = new Date(now.getTime() - (PAST_DAYS + 5) * DAY_MS);
  monday.setUTCHours(15, 0, 0, 0);
  monday.setUTCDate(monday.getUTCDate() - ((monday.getUTCDay() + 6) % 7));
  return monday;
}

/** The last working day's 14:00 UTC that is two days or more ago: the present begins there. */
function startOfPresent(now) {
  const day = new Date(now.getTime() - 2 * DAY_MS);
  day.setUTCHours(14, 0, 0, 0);
  while (day.getUTCDay() === 0 || day.getUTCDay() === 6) day.setUTCDate(day.getUTCDate() - 1);
  return day;
}

/**
 * Lets the last days happen, and leaves everything up.
 *
 * @returns the stack, how to end it, and what the run's clock showed when
 */
export async function letPresentHappen({ dataDir, progress, signal }) {
  const shows = startOfPresent(new Date());
  const opened = await open({ dataDir, progress, signal, shows, scale: PRESENT_SCALE });
  const { stack, teardown } = opened;
  try {
    const play = playing(stack, signal);
    const readings = [];
    const read = async () => {
      const { now } = await play.control('GET', '/clock');
      readings.push({ wall: Date.now(), shown: Date.parse(now) });
    };
    const advance = async (change) => {
      await read();
      await play.control('POST', '/clock', change);
      await play.settled();
      await read();
    };
    await progress.stage('The last days', async (say) => {
      await read();
      readings.unshift({ wall: readings[0].wall - 60_000, shown: readings[0].shown - 60_000 });
      say('deals close');
      for (const name of ['tern', 'willow'])
        await play.untilIn(name, ['done', 'cancelled', 'expired', 'needs_attention', 'booked']);
      await play.closeAcme();
      await play.close('yarrow');
      await play.close('granite');
      await play.close('cobalt');
      await play.untilIn('cobalt', ['needs_attention']);
      await play.leadFillsForm();
      await advance({ advance: '3h' });
      say('people answer');
      await play.close('dune');
      await play.untilIn('dune', ['needs_attention']);
      await play.close('ember');
      await play.untilIn('ember', ['scheduling']);
      await play.failStatusWritesOf('nimbus');
      await play.close('nimbus');
      await play.untilIn('nimbus', ['scheduling', 'booked', 'onboarding']);
      await advance({ advance: '20h' });
      await play.close('juniper');
      await play.untilIn('juniper', ['scheduling']);
      await play.bookNow('nimbus');
      await play.ask('ember', 'pause');
      await play.sendMemberWithoutName();
      await advance({ now: new Date().toISOString() });
      await play.control('POST', '/clock', { scale: 1 });
      await play.settled();
      await read();
      readings.push({ wall: Date.now() + DAY_MS, shown: Date.now() + DAY_MS });
    });
    return { ...opened, readings, play };
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

/** What can be done to a running stack. */
function playing(stack, signal) {
  const { db } = stack.services.database;
  const { workflow } = stack.services.temporal.client;
  const handleOf = (name) => workflow.getHandle(messages.kickoffWorkflowId(dealOf(name).id));
  const play = {
    async control(method, path, body) {
      const answer = await request(`${stack.sandbox.url}/_sandbox${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const text = await answer.body.text();
      if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    },
    async close(name, owner) {
      const { id, fixture } = dealOf(name, owner);
      await play.control('PUT', `/crm/deals/${id}`, fixture);
      await play.control('POST', `/crm/deals/${id}/close`);
    },
    async closeAcme() {
      await play.control('POST', '/crm/deals/5012345678/close');
    },
    async phaseOf(name) {
      const row = await db
        .selectFrom('kickoffs')
        .select('phase')
        .where('workflow_id', '=', messages.kickoffWorkflowId(dealOf(name).id))
        .executeTakeFirst();
      return row?.phase;
    },
    async until(what, isSo) {
      const deadline = Date.now() + PATIENCE_MS;
      while (!(await isSo())) {
        if (Date.now() > deadline) throw new Error(`It has not come to this: ${what}`);
        await pause(100, undefined, { signal });
      }
    },
    async untilIn(name, phases) {
      let phase;
      await play.until(`${name} is ${phases.join(' or ')}`, async () => {
        phase = await play.phaseOf(name);
        return phases.includes(phase);
      });
    },
    /** Nothing in the inbox waits to be taken on. */
    async settled() {
      await play.until('the inbox is empty', async () => {
        const waiting = await db
          .selectFrom('inbox')
          .select('id')
          .where('status', 'in', ['pending', 'unmatched'])
          .execute();
        return waiting.length === 0;
      });
    },
    /** Sends an update as a person does. One that comes too late, or is refused, is the story's fault. */
    async ask(name, update, input) {
      await play.until(`${name} has begun`, async () => (await play.phaseOf(name)) !== undefined);
      await handleOf(name).executeUpdate(update, { args: input === undefined ? [] : [input] });
    },
    /** From now on the CRM refuses what is written to this deal. */
    async failStatusWritesOf(name) {
      await play.control('POST', '/faults', {
        fault: 'status',
        status: 400,
        method: 'PATCH',
        path: `/hubspot/*/${dealOf(name).id}`,
        body: {
          status: 'error',
          message:
            'Property values were not valid: "Kickoff Scheduled" was not one of the allowed options of kickoff_status',
          category: 'VALIDATION_ERROR',
        },
      });
    },
    async bookNow(name) {
      const { request: sent } = await handleOf(name).query(messages.status);
      await play.control('POST', `/meeting_requests/${sent.id}/events`, { event: 'booked' });
      await play.untilIn(name, ['booked', 'onboarding']);
    },
    async leadFillsForm() {
      await play.control('POST', '/crm/contacts/40101/submit');
      await play.until('the lead has been taken up', async () => {
        const [row] = await db.selectFrom('recoveries').select('workflow_id').execute();
        if (row === undefined) return false;
        await workflow.getHandle(row.workflow_id).executeUpdate(messages.proceed, { args: [] });
        return true;
      });
    },
    /** SkipUp says that a member has gone, and not who. */
    async sendMemberWithoutName() {
      const body = JSON.stringify({ event: 'member.deactivated', timestamp: new Date().toISOString() });
      const second = Math.floor(Date.now() / 1000);
      const digest = createHmac('sha256', stack.secrets.skipupWebhook).update(`${second}.${body}`).digest('hex');
      const headers = { 'content-type': 'application/json', 'x-webhook-signature': `t=${second},v1=${digest}` };
      const answer = await request(`${stack.serveUrl}/webhooks/skipup`, { method: 'POST', body, headers });
      await answer.body.dump();
      if (answer.statusCode >= 300) throw new Error(`SkipUp's event was answered with ${answer.statusCode}`);
    },
    /** What Schedules do every few minutes, once. */
    async sweepAndCatchUp() {
      for (const type of [messages.WORKFLOW_TYPES.sweep, messages.WORKFLOW_TYPES.catchUp]) {
        const options = { workflowId: `${type}:pictures`, taskQueue: messages.KICKOFF_TASK_QUEUE, args: [] };
        await workflow.execute(type, options);
      }
    },
  };
  return play;
}
