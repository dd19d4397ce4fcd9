/**
 * Records the histories that `test/replay` replays: brings up `kickoff dev` with everything on free ports, lets kickoffs
 * take the ways that a kickoff can take, and writes what Temporal has recorded. The project must be built.
 *
 * npm run record-histories [-- <name> …]   only the histories of these names
 *
 * Old histories stay worth keeping: a kickoff that was begun before a change of the workflow is like one of them. Record
 * anew only what a change has made impossible, and add what is new.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import * as proto from '@temporalio/proto';
import { patchProtobufRoot } from '@temporalio/proto/lib/patch-protobuf-root.js';
import { request } from 'undici';
import { parse, stringify } from 'yaml';
import { MAIN, ROOT } from './checkout.mjs';

const run = promisify(execFile);
const TARGET = join(ROOT, 'test', 'replay', 'histories');
const PATIENCE_MS = 60_000;
const SECOND_IN_DAYS = 1 / 86_400;

/**
 * The SDK's `historyToJSON` refuses histories where npm has given `@temporalio/common` and `@temporalio/proto` a copy of
 * protobufjs each; this is what it does, with the copy that the messages come from.
 */
const { resolve } = createRequire(import.meta.url);
const { toJson } = createRequire(resolve('@temporalio/proto'))('protobufjs/ext/protojson');
const HISTORY = patchProtobufRoot(proto.default).lookupType('temporal.api.history.v1.History');

const load = (path) => import(pathToFileURL(join(ROOT, 'dist', path)).href);
const messages = await load('workflows/messages.js');
const { kickoffPolicySchema, recoveryPolicySchema } = await load('config/policy.js');
const { acmeDeal } = await load('sandbox/index.js');
const { handOverId } = await load('temporal/index.js');

const JAMIE = { email: 'jamie.chen@acme-corp.example', name: 'Jamie Chen', roles: ['champion'] };
/** The sandbox's second SkipUp member. */
const COLLEAGUE = 'morgan.diaz@yourcompany.example';
const LEAVER = { id: '997', email: 'leaver@yourcompany.example', firstName: 'Lea', lastName: 'Ver' };
const NEWCOMER = {
  id: '49001',
  email: 'new.comer@acme-corp.example',
  firstName: 'New',
  lastName: 'Comer',
  labels: ['Champion'],
  optedOut: false,
};
const left = (email) => ({ key: 'the recording', email, at: new Date().toISOString() });
const stranger = { owner: { id: '999', email: 'nobody@elsewhere.example', firstName: 'No', lastName: 'Body' } };
const newcomer = { ...stranger, company: { id: '333444', name: 'Newcomer Inc', domain: 'newcomer.example' } };
const nobody = { company: { id: '111222', name: 'Empty Ltd', domain: 'empty.example' }, contacts: [] };

/** By name; each plays one kickoff on a deal of its own and leaves it where its history is to end. */
const SCENARIOS = {
  async booked(kickoff) {
    await kickoff.scheduling();
    await kickoff.event('booked');
    await kickoff.in('done');
  },
  async 'booked-then-closed'(kickoff) {
    await kickoff.scheduling();
    await kickoff.endWindowIn(3);
    await kickoff.event('booked');
    await kickoff.result();
  },
  async 'booked-then-cancelled'(kickoff) {
    await kickoff.scheduling();
    await kickoff.event('booked');
    await kickoff.in('done');
    await kickoff.event('cancelled');
    await kickoff.result();
  },
  async expired(kickoff) {
    await kickoff.scheduling();
    await kickoff.endWindowIn(2);
    await kickoff.result();
  },
  async 'cancelled-by-person'(kickoff) {
    await kickoff.scheduling();
    await kickoff.ask(messages.cancel, { reason: 'postponed to the next quarter', notify: true });
    await kickoff.result();
  },
  async 'participants-replaced'(kickoff) {
    await kickoff.scheduling();
    await kickoff.ask(messages.replaceParticipants, { participants: [JAMIE], reason: 'a smaller round' });
    await kickoff.scheduling();
    await kickoff.event('booked');
    await kickoff.in('done');
  },
  async 'paused-and-resumed'(kickoff) {
    await kickoff.scheduling();
    await kickoff.ask(messages.pause);
    await kickoff.in('paused');
    await kickoff.ask(messages.resume);
    await kickoff.in('scheduling');
    await kickoff.ask(messages.updateContext, { title: 'Kickoff, a little shorter', durationMinutes: 45 });
    await kickoff.event('booked');
    await kickoff.in('done');
  },
  async 'nobody-to-invite'(kickoff) {
    await kickoff.won(nobody);
    await kickoff.in('needs_attention');
    // Reminded once before somebody looks.
    await kickoff.until((status) => status.steps.filter((step) => step.list === 'on_attention').length > 1);
    await kickoff.ask(messages.proceed);
    await kickoff.in('needs_attention');
    await kickoff.ask(messages.replaceParticipants, { participants: [JAMIE], reason: 'the CRM has none' });
    await kickoff.in('scheduling');
    await kickoff.event('booked');
    await kickoff.in('done');
  },
  async 'organizer-refused'(kickoff) {
    await kickoff.won({ ...newcomer, contacts: acmeDeal.contacts.slice(0, 1) });
    await kickoff.in('needs_attention');
    await kickoff.ask(messages.changeOrganizer, { email: acmeDeal.owner.email });
    await kickoff.in('scheduling');
    await kickoff.event('booked');
    await kickoff.in('done');
  },
  async 'organizer-changed-at-skipup'(kickoff) {
    await kickoff.scheduling();
    await kickoff.event('organizer_changed', { organizer_email: COLLEAGUE });
    await kickoff.until((status) => status.organizer?.email === COLLEAGUE);
    await kickoff.event('booked');
    await kickoff.in('done');
  },
  async 'deal-reopened'(kickoff) {
    await kickoff.scheduling();
    await kickoff.stage('negotiation');
    // Reminded once before the deal is won again.
    await kickoff.until((status) => status.steps.filter((step) => step.list === 'on_attention').length > 1);
    await kickoff.stage('closedwon');
    await kickoff.until((status) => status.needs.length === 0);
    await kickoff.stage('closedlost');
    await kickoff.until((status) => status.needs.length > 0);
    await kickoff.event('booked');
    await kickoff.in('done');
    await kickoff.ask(messages.proceed);
  },
  async 'organizer-left'(kickoff) {
    await kickoff.won({ owner: LEAVER, company: { id: '555777', name: 'Leaving Ltd', domain: 'leaving.example' } });
    // Not yet a member: what SkipUp says is asked again when the registry has changed.
    await kickoff.in('needs_attention');
    await kickoff.member(LEAVER.email);
    await kickoff.registryChanged();
    await kickoff.in('scheduling');
    await kickoff.signal(messages.organizerLeft, left(LEAVER.email));
    await kickoff.until((status) => status.needs.length > 0);
    await kickoff.ask(messages.changeOrganizer, { email: COLLEAGUE });
    await kickoff.until((status) => status.needs.length === 0);
    await kickoff.event('booked');
    await kickoff.in('done');
  },
  async 'participants-changed'(kickoff) {
    await kickoff.scheduling();
    // Nothing has changed yet.
    await kickoff.registryChanged();
    await kickoff.contacts([...acmeDeal.contacts, NEWCOMER]);
    await kickoff.registryChanged();
    await kickoff.until((status) => status.needs.length > 0);
    await kickoff.ask(messages.replaceParticipants, { fromRegistry: true, reason: 'one more has come' });
    await kickoff.until((status) => status.revision === 2 && status.phase === 'scheduling');
    await kickoff.event('booked');
    await kickoff.in('done');
  },
  async 'hand-over'(kickoff) {
    await kickoff.scheduling();
    const { organizer } = await kickoff.until((status) => status.organizer !== undefined);
    const id = handOverId(organizer.email);
    const handle = await kickoff.start('handOver', id, {
      email: organizer.email,
      reason: 'on leave',
      remindAfterDays: 2 * SECOND_IN_DAYS,
    });
    // Reminded once before somebody is named.
    await pause(3000);
    await handle.executeUpdate(messages.handOver, { args: [{ to: COLLEAGUE, reason: 'on leave' }] });
    await handle.result();
    return id;
  },
  async 'follow-ups'(kickoff) {
    await kickoff.scheduling();
    for (const count of [1, 2, 3]) {
      await kickoff.event('follow_up_sent');
      await kickoff.until((status) => status.request?.followUps === count);
      // SkipUp's instants have whole seconds: two in one second would be one webhook, repeated.
      await pause(1100);
    }
    await kickoff.event('booked');
    await kickoff.in('done');
  },
  async 'step-over-an-outage'(kickoff) {
    await kickoff.scheduling();
    // Three times as a local activity, once as a regular one.
    await kickoff.failStatusWrites({ status: 503, next: 4 });
    await kickoff.event('booked');
    await kickoff.in('done');
  },
  async 'failed-step-retried'(kickoff) {
    await kickoff.scheduling();
    await kickoff.failStatusWrites({ status: 400 });
    await kickoff.event('booked');
    await kickoff.until((status) => status.steps.some((step) => step.state === 'failed'));
    await kickoff.mendStatusWrites();
    await kickoff.ask(messages.retryStep, { id: 'crm_scheduled' });
    await kickoff.in('done');
  },
  async 'failed-step-skipped'(kickoff) {
    await kickoff.scheduling();
    await kickoff.failStatusWrites({ status: 400 });
    await kickoff.event('booked');
    await kickoff.until((status) => status.steps.some((step) => step.state === 'failed'));
    await kickoff.mendStatusWrites();
    await kickoff.ask(messages.skipStep, { id: 'crm_scheduled', reason: 'written by hand' });
    await kickoff.in('done');
  },
  async 'organizer-noticed-by-sweep'(kickoff) {
    await kickoff.scheduling();
    await kickoff.loseWebhooks();
    await kickoff.event('organizer_changed', { organizer_email: COLLEAGUE });
    await kickoff.swept();
    await kickoff.until((status) => status.organizer?.email === COLLEAGUE);
    await kickoff.event('booked');
    await kickoff.swept();
    await kickoff.in('done');
    await kickoff.mendStatusWrites();
  },
  async sweep(kickoff) {
    await kickoff.scheduling();
    await kickoff.loseWebhooks();
    await kickoff.event('booked');
    const workflowId = await kickoff.swept();
    await kickoff.in('done');
    await kickoff.mendStatusWrites();
    return workflowId;
  },
  async dispatch(kickoff) {
    return await kickoff.dispatched();
  },
  async 'dispatch-rehearsed'(kickoff) {
    return await kickoff.dispatched({ dryRun: true });
  },
  async 'dispatch-refused'(kickoff) {
    return await kickoff.dispatched({ workstream: 'Not a name' });
  },
  async 'catch-up'(kickoff) {
    return await kickoff.run('catchUp');
  },
  async backfill(kickoff) {
    await kickoff.historical(6);
    return await kickoff.run('backfill', HISTORICAL, async (handle) => {
      await handle.executeUpdate(messages.pause);
      await handle.executeUpdate(messages.changeRate, { args: [{ perMinute: 100 }] });
      await handle.executeUpdate(messages.resume);
    });
  },
  async 'backfill-leads'(kickoff) {
    await kickoff.historicalLeads(8);
    return await kickoff.run('backfill', HISTORICAL_LEADS);
  },
  async 'late-cancel-wait'(kickoff) {
    await kickoff.scheduling();
    await kickoff.event('booked');
    await kickoff.in('done');
    await kickoff.event('cancelled');
    // Reminded once before somebody has it scheduled anew.
    await kickoff.until(({ steps }) => steps.filter((step) => step.list === 'on_attention').length > 1);
    await kickoff.ask(messages.proceed);
    await kickoff.until((status) => status.phase === 'scheduling' && status.revision === 2);
    await kickoff.event('booked');
    await kickoff.in('done');
  },
  async 'late-cancel-reschedule'(kickoff) {
    await kickoff.scheduling();
    await kickoff.event('booked');
    await kickoff.in('done');
    await kickoff.event('cancelled');
    await kickoff.until((status) => status.phase === 'scheduling' && status.revision === 2);
    await kickoff.event('booked');
    await kickoff.in('done');
    await kickoff.event('cancelled');
    await kickoff.in('needs_attention');
    await kickoff.ask(messages.cancel, { reason: 'the customer has left' });
    await kickoff.result();
  },
  async 'window-extended'(kickoff) {
    await kickoff.scheduling();
    const before = await kickoff.endWindowIn(3);
    await kickoff.until(({ request }) => Date.parse(request.timeframe.end) > before);
    await kickoff.event('booked');
    await kickoff.in('done');
  },
  async 'handed-over'(kickoff) {
    await kickoff.scheduling();
    await kickoff.endWindowIn(3);
    await kickoff.in('needs_attention');
    await kickoff.ask(messages.proceed);
    await kickoff.in('scheduling');
    await kickoff.event('booked');
    await kickoff.in('done');
  },
  async ghosted(kickoff) {
    await kickoff.scheduling();
    for (const count of [1, 2, 3]) {
      await kickoff.event('follow_up_sent');
      await kickoff.until((status) => status.request?.followUps === count);
      await pause(1100);
    }
    await kickoff.until(({ escalations }) => escalations?.length === 2);
  },
  async 'ordered-steps'(kickoff) {
    await kickoff.scheduling();
    await kickoff.failStatusWrites({ status: 400 });
    await kickoff.event('booked');
    await kickoff.until((status) => status.steps.some((step) => step.state === 'failed'));
    await kickoff.mendStatusWrites();
    await kickoff.ask(messages.retryStep, { id: 'crm_scheduled' });
    await kickoff.in('done');
  },
  /** Nobody works on the queue: the one child has not ended in time, the other is only started. */
  async 'child-workflow'(kickoff) {
    await kickoff.scheduling();
    await kickoff.event('booked');
    await kickoff.in('done');
    await kickoff.event('cancelled');
    await kickoff.in('needs_attention');
    await kickoff.until(({ steps }) => steps.some((step) => step.state === 'undone') && steps.every(isSettled));
  },
  async 'backfill-cancelled'(kickoff) {
    await kickoff.historical(12);
    return await kickoff.run('backfill', { ...HISTORICAL, perMinute: 6 }, async (handle) => {
      await handle.executeUpdate(messages.cancel, { args: [{ reason: 'not this year' }] });
    });
  },
  async 'lead-recovered'(kickoff) {
    const lead = await kickoff.lead({ waitMinutes: 0.01 });
    await lead.in('scheduling');
    await lead.event('follow_up_sent');
    await lead.until((status) => status.request?.followUps === 1);
    await lead.endWindowIn(3);
    await lead.event('booked');
    await lead.result();
    return lead.workflowId;
  },
  /** As most are: nobody changes anything, and the late cancellation that is waited for does not come. */
  async 'lead-recovered-at-once'(kickoff) {
    const lead = await kickoff.lead({ waitMinutes: 30, clock: quickly() });
    await unasked();
    await lead.in('scheduling');
    await lead.event('booked');
    await lead.result();
    return lead.workflowId;
  },
  async 'three-steps'(kickoff) {
    return await kickoff.wholeWith(3);
  },
  async 'ten-steps'(kickoff) {
    return await kickoff.wholeWith(10);
  },
  async 'lead-booked-by-itself'(kickoff) {
    const lead = await kickoff.lead({ waitMinutes: 30 });
    await lead.in('waiting');
    await lead.bookedElsewhere();
    await lead.result();
    return lead.workflowId;
  },
  async 'lead-booked-elsewhere'(kickoff) {
    const lead = await kickoff.lead({ waitMinutes: 0 });
    await lead.in('scheduling');
    await lead.bookedElsewhere();
    await lead.result();
    return lead.workflowId;
  },
  async 'lead-cancelled'(kickoff) {
    const lead = await kickoff.lead({ waitMinutes: 30 }, { owner: { email: 'nobody@elsewhere.example' } });
    await lead.in('waiting');
    await lead.ask(messages.proceed);
    await lead.in('needs_attention');
    await lead.ask(messages.changeOrganizer, { email: acmeDeal.owner.email });
    await lead.in('scheduling');
    await lead.event('paused');
    await lead.in('paused');
    await lead.ask(messages.resume);
    await lead.ask(messages.cancel, { reason: 'met at a fair' });
    await lead.result();
    return lead.workflowId;
  },
};
/** A form's lead that no CRM knows, and the four statuses of SkipUp's guide. */
const SARAH = {
  crm: 'generic',
  email: 'sarah.chen@acme-corp.example',
  name: 'Sarah Chen',
  company: 'Acme Corp',
  owner: { email: acmeDeal.owner.email },
  optedOut: false,
};
const RECOVERY = {
  vendor: 'YourProduct',
  lateCancelDays: SECOND_IN_DAYS,
  steps: {
    on_requested: [{ id: 'requested', kind: 'crm_status', status: 'Meeting Requested' }],
    on_follow_up: [{ id: 'followed_up', kind: 'crm_status', status: 'Follow-up Sent' }],
    on_booked: [{ id: 'booked', kind: 'crm_status', status: 'Meeting Scheduled' }],
    on_cancelled: [{ id: 'cancelled', kind: 'crm_status', status: 'Re-enter Nurture' }],
  },
};
/** Two weeks in 15 seconds, so that nobody need change a window to have it end. */
const quickly = () => ({ anchor: new Date().toISOString(), scale: 100_000 });
/** Whoever asks how it stands ends the task that is under way, and makes the history longer than it would be. */
const unasked = () => pause(3000);
/** The window in which the deals of `historical` closed. */
const HISTORICAL = { crm: 'hubspot', closedAfter: '2025-01-01', closedBefore: '2026-01-01', perMinute: 60 };

/** The window in which the leads of `historicalLeads` filled in their form. */
const HISTORICAL_LEADS = { of: 'leads', crm: 'hubspot', submittedAfter: '2025-01-01', perMinute: 600 };

/** Rules of a kickoff beside the example's, by scenario. */
const note = (id, more = {}) => ({ id, kind: 'crm_note', text: id, ...more });
const RULES = {
  'booked-then-cancelled': { whenBookingIsCancelled: 'close' },
  'late-cancel-reschedule': { whenBookingIsCancelled: 'reschedule' },
  'window-extended': { whenWindowPasses: 'extend', remindBeforeDays: SECOND_IN_DAYS },
  'handed-over': { whenWindowPasses: 'hand_over' },
  ghosted: { ghostedAfterFollowUps: 2, managerAfterFollowUps: 3, manager: COLLEAGUE },
  'ordered-steps': {
    steps: {
      on_booked: [
        {
          id: 'crm_scheduled',
          kind: 'crm_status',
          status: 'Kickoff Scheduled',
          onFailure: 'wait',
          retry: { attempts: 2 },
        },
        note('agenda', { after: ['crm_scheduled'] }),
        note('room', { text: '{{steps.agenda.ids.noteId}}', after: ['agenda'] }),
        note('beside'),
      ],
    },
  },
  'child-workflow': {
    steps: {
      on_booked: [
        { id: 'awaited', kind: 'workflow', type: 'theirs', taskQueue: 'theirs', timeoutHours: 0.0005 },
        { id: 'started', kind: 'workflow', type: 'theirs', taskQueue: 'theirs', until: 'started' },
      ],
    },
  },
};

const wanted = process.argv.slice(2);
const names = Object.keys(SCENARIOS).filter((name) => wanted.length === 0 || wanted.includes(name));
const byRules = new Map();
for (const name of names) {
  const rules = JSON.stringify(RULES[name] ?? {});
  byRules.set(rules, [...(byRules.get(rules) ?? []), name]);
}
let folder = tmpdir();
let deals = 0;
mkdirSync(TARGET, { recursive: true });
for (const [rules, group] of byRules) await record(JSON.parse(rules), group);
// Formatted as everything else is, so that the linter has nothing to say.
await run(process.execPath, [
  join(ROOT, 'node_modules/@biomejs/biome/bin/biome'),
  'format',
  '--write',
  '--no-errors-on-unmatched',
  TARGET,
]);

/** Plays scenarios that share their rules, on a stack of their own. */
async function record(kickoffRules, group) {
  folder = mkdtempSync(join(tmpdir(), 'kickoff-record-'));
  const dev = startDev(kickoffRules);
  try {
    const ready = await dev.ready;
    const connection = await Connection.connect({ address: ready.temporal });
    const client = new Client({ connection, namespace: ready.namespace });
    for (const name of group) {
      deals += 1;
      const kickoff = playedOn(String(6_100_000_000 + deals), ready, client);
      const workflowId = (await SCENARIOS[name](kickoff)) ?? kickoff.workflowId;
      const history = await client.workflow.getHandle(workflowId).fetchHistory();
      const text = `${JSON.stringify(anywhere(toJson(HISTORY, history)), null, 2)}\n`;
      writeFileSync(join(TARGET, `${name}.json`), text);
      process.stderr.write(`${name}: ${history.events.length} events\n`);
    }
    await connection.close();
  } finally {
    await dev.end();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The example's rules, with waits short enough to be sat through. */
function startDev(kickoffRules) {
  const rules = parse(readFileSync(join(ROOT, 'examples', 'acme', 'kickoff.config.yaml'), 'utf8'));
  const waits = { lateCancelDays: SECOND_IN_DAYS, remindAfterDays: 4 * SECOND_IN_DAYS, giveUpAfterDays: 60 };
  const file = join(folder, 'kickoff.config.yaml');
  const steps = { ...rules.kickoff.steps, ...kickoffRules.steps };
  writeFileSync(
    file,
    stringify({ ...rules, kickoff: { ...rules.kickoff, ...waits, ...kickoffRules, steps }, recovery: RECOVERY }),
  );
  const ports = ['--port', '--sandbox-port', '--temporal-port', '--temporal-ui-port'].flatMap((name) => [name, '0']);
  const { CI: _ci, LOG_LEVEL: _level, DATABASE_URL: _url, TEMPORAL_ADDRESS: _address, ...env } = process.env;
  const child = spawn(process.execPath, [MAIN, 'dev', '--json', ...ports], {
    cwd: folder,
    env: { ...env, LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const ready = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const document = JSON.parse(line);
      if (document.type === 'ready') resolve(document);
    });
    exited.then(() => reject(new Error('kickoff dev has ended before it was up')), reject);
  });
  return {
    ready,
    async end() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
      await exited;
    },
  };
}

/** What a scenario can do with its deal. */
function playedOn(dealId, ready, client) {
  const workflowId = messages.kickoffWorkflowId(dealId);
  const handle = client.workflow.getHandle(workflowId);
  const control = async (method, path, body) => {
    const answer = await request(`${ready.sandbox}/_sandbox${path}`, {
      method,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
  };
  const putDeal = async (changes = {}) => {
    const { id: _id, ...deal } = acmeDeal;
    await control('PUT', `/crm/deals/${dealId}`, { ...deal, ...changes });
  };
  const kickoff = {
    ...playedBy(handle, control),
    async won(changes) {
      await putDeal(changes);
      await control('POST', `/crm/deals/${dealId}/close`, {});
    },
    /** The deal moves, and the CRM tells of it. */
    async stage(stage) {
      await control('POST', `/crm/deals/${dealId}/close`, { stage });
    },
    /** Wins the deal unless it is won, and waits for SkipUp to have its request and the CRM to know of it. */
    async scheduling() {
      if ((await statusOf(handle)) === undefined) await kickoff.won();
      await kickoff.until(
        ({ phase, steps }) =>
          phase === 'scheduling' && steps.some((step) => step.list === 'on_requested') && steps.every(isSettled),
      );
    },
    async signal(signal, input) {
      await handle.signal(signal, input);
    },
    async registryChanged() {
      await handle.signal(messages.registryChanged);
    },
    async contacts(contacts) {
      await putDeal({ contacts });
    },
    async member(email) {
      await control('POST', '/members', { email, name: 'Lea Ver' });
    },
    /** Another workflow than a kickoff, left running. */
    async start(type, id, input) {
      return await client.workflow.start(messages.WORKFLOW_TYPES[type], {
        workflowId: id,
        taskQueue: messages.KICKOFF_TASK_QUEUE,
        args: [input],
      });
    },
    async failStatusWrites(how) {
      await control('POST', '/faults', { fault: 'status', method: 'PATCH', path: `/hubspot/*/${dealId}`, ...how });
    },
    async loseWebhooks() {
      await control('POST', '/faults', { fault: 'webhook_drop' });
    },
    /** Sweeps once; the Schedule's way, without waiting for it. */
    async swept() {
      const sweepId = `sweep-${dealId}-${Date.now()}`;
      const { sweep } = messages.WORKFLOW_TYPES;
      await client.workflow.execute(sweep, { workflowId: sweepId, taskQueue: messages.KICKOFF_TASK_QUEUE, args: [] });
      return sweepId;
    },
    async mendStatusWrites() {
      await control('DELETE', '/faults', {});
    },
    /** Deals that closed long ago. */
    async historical(count) {
      const [closedFrom, closedTo] = ['2025-02-01T00:00:00Z', '2025-11-01T00:00:00Z'];
      await control('POST', '/crm/deals/bulk', { count, firstId: `${dealId}00`, closedFrom, closedTo });
    },
    /** Contacts who filled in a form long ago: some have a meeting since, one has opted out. */
    async historicalLeads(count) {
      const [submittedFrom, submittedTo] = ['2025-02-01T00:00:00Z', '2025-11-01T00:00:00Z'];
      const times = { meetingEvery: 3, optedOutEvery: 7 };
      await control('POST', '/crm/contacts/bulk', {
        count,
        firstId: `${dealId}0`,
        submittedFrom,
        submittedTo,
        ...times,
      });
    },
    /** Another workflow than a kickoff, to its end. */
    async run(type, input, meanwhile = async () => undefined) {
      const id = `${type}-${dealId}`;
      const other = await client.workflow.start(messages.WORKFLOW_TYPES[type], {
        workflowId: id,
        taskQueue: messages.KICKOFF_TASK_QUEUE,
        args: input === undefined ? [] : [input],
      });
      await meanwhile(other);
      await other.result();
      return id;
    },
    /** A kickoff from its start to its close, with so many steps when it is booked. */
    async wholeWith(count) {
      await putDeal();
      const steps = {
        on_requested: [{ id: 'requested', kind: 'crm_status', status: 'Scheduling in Progress' }],
        on_booked: Array.from({ length: count }, (_, index) => note(`step_${index + 1}`)),
      };
      const { company, owner, properties } = acmeDeal;
      const account = { id: company.id, name: company.name };
      await kickoff.start('kickoff', workflowId, {
        deal: {
          id: dealId,
          crm: 'hubspot',
          name: properties.dealname,
          account,
          isWon: true,
          owner: { email: owner.email },
        },
        revision: 1,
        origin: { kind: 'deal', reference: dealId, receivedAt: new Date().toISOString() },
        policy: kickoffPolicySchema.parse({ steps }),
        clock: quickly(),
      });
      await unasked();
      await kickoff.scheduling();
      await kickoff.event('booked');
      await kickoff.result();
      return workflowId;
    },
    /** A lead of its own, with what a scenario can do with it. */
    async lead(input, changes = {}) {
      const date = new Date().toISOString().slice(0, 10);
      const id = messages.recoveryWorkflowId(dealId, date);
      const submittedAt = new Date().toISOString();
      const recovery = await client.workflow.start(messages.WORKFLOW_TYPES.recovery, {
        workflowId: id,
        taskQueue: messages.KICKOFF_TASK_QUEUE,
        args: [
          {
            lead: { ...SARAH, ...changes, id: dealId },
            form: { name: 'Demo request', submittedAt, answers: { 'Company size': '50-200' } },
            date,
            attempt: 1,
            origin: { kind: 'form', reference: 'the recording', receivedAt: submittedAt },
            policy: recoveryPolicySchema.parse(RECOVERY),
            ...input,
          },
        ],
      });
      const bookedElsewhere = async () =>
        await recovery.signal(messages.leadBooked, {
          key: 'elsewhere',
          at: new Date().toISOString(),
          meeting: 'A call',
        });
      return { ...playedBy(recovery, control), bookedElsewhere };
    },
    /** Started by hand. */
    async dispatched(more = {}) {
      await putDeal();
      await control('POST', `/crm/deals/${dealId}/close`, { notify: false });
      const byHand = `by-hand-${dealId}`;
      const ended = client.workflow.execute(messages.WORKFLOW_TYPES.dispatch, {
        workflowId: byHand,
        taskQueue: messages.KICKOFF_TASK_QUEUE,
        args: [{ dealId, requestedBy: 'the recording', ...more }],
      });
      // A refusal is a way, too.
      await ended.catch((error) => {
        if (error.name !== 'WorkflowFailedError') throw error;
      });
      return byHand;
    },
  };
  return kickoff;
}

/** What can be done with a kickoff and with a lead's recovery alike. */
function playedBy(handle, control) {
  const { workflowId } = handle;
  const played = {
    workflowId,
    async in(phase) {
      return await played.until((status) => status.phase === phase);
    },
    async until(isReached) {
      const deadline = Date.now() + PATIENCE_MS;
      let status;
      while (Date.now() < deadline) {
        status = await statusOf(handle);
        if (status !== undefined && isReached(status)) return status;
        await pause(100);
      }
      throw new Error(`${workflowId} has not got there: ${JSON.stringify(status)}`);
    },
    /** Something happens at SkipUp. */
    async event(event, more = {}) {
      const { request: sent } = await played.until((status) => status.request?.id !== undefined);
      await control('POST', `/meeting_requests/${sent.id}/events`, { event, ...more });
    },
    async ask(update, input) {
      return await handle.executeUpdate(update, { args: input === undefined ? [] : [input] });
    },
    async endWindowIn(seconds) {
      const [start, end] = [Date.now() + 500, Date.now() + seconds * 1000].map((ms) => new Date(ms).toISOString());
      await played.ask(messages.updateContext, { timeframe: { start, end } });
      return Date.parse(end);
    },
    async result() {
      return await handle.result();
    },
  };
  return played;
}

async function statusOf(handle) {
  try {
    return await handle.query(messages.status);
  } catch (error) {
    if (error.name === 'WorkflowNotFoundError') return undefined;
    throw error;
  }
}

function isSettled(step) {
  return step.state !== 'running';
}

/** Takes out what tells of the machine it was recorded on: worker identities, stack traces, paths, ports. */
function anywhere(value, key = '') {
  if (Array.isArray(value)) return value.map((item) => anywhere(item));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, anywhere(item, name)]));
  }
  if (typeof value !== 'string') return value;
  if (key === 'identity') return 'worker';
  if (key === 'stackTrace') return '';
  if (key === 'data') {
    const text = Buffer.from(value, 'base64').toString('utf8');
    return Buffer.from(withoutPlaces(withoutStacks(text))).toString('base64');
  }
  return withoutPlaces(value);
}

/** Failures of local activities travel as JSON inside a payload. */
function withoutStacks(text) {
  return text.replaceAll(/"stackTrace":"(?:[^"\\]|\\.)*"/g, '"stackTrace":""');
}

function withoutPlaces(text) {
  return text
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:80')
    .replaceAll(folder, '.')
    .replaceAll(ROOT, '.')
    .replaceAll(new RegExp(`\\d+@${hostname().replaceAll('.', '\\.')}`, 'g'), 'worker');
}
