import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { kickoffsById, recordAsked } from '../../database/index.ts';
import type { Action, Faults, Posted } from '../action/action.ts';
import { isAttemptId } from '../action/answer.ts';
import type { Attempts } from '../action/attempts.ts';
import { checkToken, lookersForm, whyNot } from '../action/guard.ts';
import { loggedInput } from '../action/logged-input.ts';
import { FORM_BYTES, textIn, textsOf } from '../action/posted.ts';
import { say } from '../action/say.ts';
import { reasonFaults } from '../action/view.ts';
import { bulkRunPath } from '../audit/target.ts';
import type { ConsoleContext } from '../context.ts';
import {
  isFiltered,
  type KickoffsFilter,
  kickoffsAddress,
  kickoffsFilter,
  kickoffsQuery,
} from '../kickoffs/address.ts';
import { messagePage } from '../page/layout.ts';
import { send } from '../send.ts';
import { type BulkAction, previewPage } from './preview.ts';
import { type BulkInput, readRun } from './run.ts';
import { runPage } from './run-view.ts';
import type { Runner } from './runner.ts';
import { MOST_KICKOFFS, type Selection, selectionOf } from './selection.ts';

interface Bulks {
  context: ConsoleContext;
  attempts: Attempts;
  runner: Runner;
}

/** `GET` and `POST /bulk/<action>?<filter of /kickoffs>`, and `/bulk/runs/<id>`: something done to many at once. */
export function addBulk(app: FastifyInstance, bulks: Bulks, actions: readonly Action[]): void {
  const many = actions.filter((action): action is BulkAction => action.bulk !== undefined);
  for (const action of many) addBulkAction(app, bulks, action);
  addRuns(app, bulks, many);
  app.addHook('onClose', () => bulks.runner.stop());
}

export function bulkPath({ name }: Pick<Action, 'name'>): string {
  return `/bulk/${name}`;
}

/** As the audit log has it. */
export function inBulk<A extends Pick<Action, 'name'>>(action: A): A {
  return { ...action, name: `bulk.${action.name}` };
}

function addBulkAction(app: FastifyInstance, bulks: Bulks, action: BulkAction): void {
  const { context, attempts } = bulks;
  app.get(bulkPath(action), async (request, reply) => {
    const refused = whyNot(request.visit);
    if (refused !== undefined) return say(request, reply, 403, action, refused);
    const chosen = await choose(context, action, textsOf(request.query), request.visit.zone);
    if ('impossible' in chosen) return say(request, reply, 422, action, chosen.impossible);
    return send(reply, previewPage(request.visit, { action, ...chosen, posted: {}, faults: {} }));
  });

  app.post(bulkPath(action), { bodyLimit: FORM_BYTES }, async (request, reply) => {
    const posted = textsOf(request.body);
    const refused = await lookersForm(request, attempts, inBulk(action), '');
    if (refused !== undefined) return say(request, reply, 403, action, refused);
    checkToken(request, posted);
    return await beginOnce(bulks, { request, reply, action, posted });
  });
}

interface Asked {
  request: FastifyRequest;
  reply: FastifyReply;
  action: BulkAction;
  posted: Posted;
}

async function beginOnce(bulks: Bulks, { request, reply, action, posted }: Asked): Promise<FastifyReply> {
  const { context, runner } = bulks;
  const { visit } = request;
  const bulk = textIn(posted, 'attempt').toLowerCase();
  if (!isAttemptId(bulk)) return say(request, reply, 400, action, 'This form is not whole. Open its page again.');
  if ((await readRun(context.database, bulk)) !== undefined) return reply.redirect(bulkRunPath(bulk), 303);

  const chosen = await choose(context, action, posted, visit.zone);
  if ('impossible' in chosen) return say(request, reply, 422, action, chosen.impossible);
  const { filter, selection } = chosen;
  const again = (faults: Faults, status: number) =>
    send(reply.code(status), previewPage(visit, { action, filter, selection, posted, faults }));
  if (isOtherSet(selection, posted)) {
    return again({ '': 'The kickoffs have changed since this page was made. Look at them again.' }, 409);
  }
  const reason = textIn(posted, 'reason');
  const faults = { ...action.bulk.check?.(posted), ...reasonFaults(action, reason) };
  if (Object.keys(faults).length > 0) return again(faults, 422);
  if (selection.taking.length === 0) return again({}, 409);

  const input: BulkInput = {
    ids: selection.taking.map((row) => row.workflow_id),
    fields: ownFields(posted, filter, action),
    zone: visit.zone,
  };
  const { subject, name, role } = visit.viewer;
  await recordAsked(context.database.db, {
    attempt: bulk,
    subject,
    name,
    role,
    action: inBulk(action).name,
    target: kickoffsAddress(filter),
    bulk,
    reason,
    input,
  });
  const run = await readRun(context.database, bulk);
  if (run === undefined) return say(request, reply, 409, action, 'This form has been used for something else already.');
  runner.start(run, visit.viewer);
  return reply.redirect(bulkRunPath(bulk), 303);
}

type Chosen = { filter: KickoffsFilter; selection: Selection } | { impossible: string };

async function choose({ database }: ConsoleContext, action: BulkAction, posted: Posted, zone: string): Promise<Chosen> {
  const filter = kickoffsFilter(posted, zone);
  if (!isFiltered(filter)) {
    return { impossible: 'Choose kickoffs by a filter first: without one it would be done to every kickoff there is.' };
  }
  const selection = await selectionOf(database, action.bulk, filter);
  if (selection !== undefined) return { filter, selection };
  return { impossible: `The filter chooses more than ${MOST_KICKOFFS} kickoffs. Narrow it down, and do it in parts.` };
}

function isOtherSet({ taking, digest }: Selection, posted: Posted): boolean {
  return textIn(posted, 'count') !== String(taking.length) || textIn(posted, 'digest') !== digest;
}

/** What the action itself asks for: the same for each kickoff. */
function ownFields(posted: Posted, filter: KickoffsFilter, { unlogged }: Action): BulkInput['fields'] {
  const others = new Set(['count', 'digest', ...kickoffsQuery(filter).map(([name]) => name)]);
  const kept = Object.entries(loggedInput(posted, unlogged)).filter(([name]) => !others.has(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]));
}

function addRuns(app: FastifyInstance, { context, runner }: Bulks, actions: readonly BulkAction[]): void {
  // Not a parameter, as with kickoffs: the router takes parameters of 100 characters at most.
  app.get<{ Params: { '*': string } }>('/bulk/runs/*', async (request, reply) => {
    const bulk = request.params['*'];
    const run = isAttemptId(bulk) ? await readRun(context.database, bulk.toLowerCase()) : undefined;
    if (run === undefined) {
      const sentence = 'There is no bulk action under this id.';
      return send(reply.code(404), messagePage(request.visit, 'No such bulk action', sentence));
    }
    const { ids } = run.input;
    const rows = await kickoffsById(context.database.db, ids);
    const title = actions.find(({ name }) => name === run.action)?.bulk.title(ids.length) ?? run.action;
    return send(reply, runPage(request.visit, { run, title, isRunning: runner.isRunning(run.bulk), rows }));
  });
}
