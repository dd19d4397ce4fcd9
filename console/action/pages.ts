import formbody from '@fastify/formbody';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { goOnAction } from '../bulk/actions.ts';
import { addBulk, bulkPath, inBulk } from '../bulk/pages.ts';
import { createRunner } from '../bulk/runner.ts';
import type { ConsoleContext } from '../context.ts';
import { send } from '../send.ts';
import type { Action, Faults, Posted, Prepared } from './action.ts';
import { addAnswers, isAttemptId, withAnswer } from './answer.ts';
import { type Attempts, createAttempts } from './attempts.ts';
import { checkToken, isPlausibleId, lookersForm, whyNot, writeRefusalsDown } from './guard.ts';
import { FORM_BYTES, readPosted, textIn, textsOf } from './posted.ts';
import { say } from './say.ts';
import { confirmationPage, reasonFaults } from './view.ts';

/** `GET` and `POST /actions/<name>` for each action, and `/bulk/<name>` for those that can be done to many. */
export function addActions(app: FastifyInstance, context: ConsoleContext, single: readonly Action[]): void {
  const attempts = createAttempts(context);
  const runner = createRunner(context, attempts, single);
  const actions = [...single, goOnAction(context, runner)];
  addAnswers(app, context.database);
  app.register(async (forms) => {
    await takeForms(forms);
    const byPath = new Map([
      ...actions.map((action) => [actionPath(action), action] as const),
      ...actions.map((action) => [bulkPath(action), inBulk(action)] as const),
    ]);
    writeRefusalsDown(forms, attempts, ({ routeOptions }) => byPath.get(routeOptions.url ?? ''));
    for (const action of actions) addAction(forms, attempts, action);
    addBulk(forms, { context, attempts, runner }, actions);
  });
}

/** Lets the routes of `app` take forms, and nothing else. */
export async function takeForms(app: FastifyInstance): Promise<void> {
  app.removeContentTypeParser(['application/json', 'text/plain']);
  if (!app.hasContentTypeParser('application/x-www-form-urlencoded')) await app.register(formbody);
  if (!app.hasRequestDecorator('isMultipart')) await app.register(multipart);
}

function actionPath({ name }: Pick<Action, 'name'>): string {
  return `/actions/${name}`;
}

function addAction(app: FastifyInstance, attempts: Attempts, action: Action): void {
  const path = actionPath(action);
  app.get(path, async (request, reply) => {
    const { visit } = request;
    const refused = whyNot(visit);
    if (refused !== undefined) return say(request, reply, 403, action, refused);
    const posted = textsOf(request.query);
    const on = textIn(posted, 'on');
    const prepared = await prepare(action, on, posted, visit.zone);
    if (prepared === undefined) return nothingThere(request, reply, action);
    return send(reply, confirmationPage(visit, { action, on, prepared, posted, faults: {} }));
  });

  app.post(path, { bodyLimit: action.maxBytes ?? FORM_BYTES }, async (request, reply) => {
    // Of a form with files nothing is read before it is known that its sender may act.
    const refused = await lookersForm(request, attempts, action, textIn(textsOf(request.body), 'on'));
    if (refused !== undefined) return say(request, reply, 403, action, refused);
    const posted = await readPosted(request, action);
    checkToken(request, posted);
    return await doOnce({ request, reply, attempts, action }, posted);
  });
}

interface Asked {
  request: FastifyRequest;
  reply: FastifyReply;
  attempts: Attempts;
  action: Action;
}

async function doOnce({ request, reply, attempts, action }: Asked, posted: Posted): Promise<FastifyReply> {
  const { visit } = request;
  const on = textIn(posted, 'on');
  const id = textIn(posted, 'attempt').toLowerCase();
  if (!isAttemptId(id)) return say(request, reply, 400, action, 'This form is not whole. Open its page again.');
  const reason = action.reason === 'required' ? textIn(posted, 'reason') : '';
  const attempt = { attempt: id, action, on, posted, by: visit.viewer, zone: visit.zone, reason };

  const earlier = await attempts.find(attempt);
  const prepared = await prepare(action, on, posted, visit.zone);
  if (earlier !== undefined) {
    return reply.redirect(withAnswer(earlier.back ?? prepared?.back ?? '/', id), 303);
  }
  if (prepared === undefined) return nothingThere(request, reply, action);
  const again = (faults: Faults, status: number) =>
    send(reply.code(status), confirmationPage(visit, { action, on, prepared, posted, faults }));
  const faults = reasonFaults(action, reason);
  if (Object.keys(faults).length > 0) return again(faults, 422);
  if (prepared.impossible !== undefined) {
    if (await attempts.refuse(attempt, prepared.impossible)) return again({}, 409);
    // The same form, sent twice at one time: it cannot be done because the other one is doing it.
    const other = await attempts.find(attempt);
    return reply.redirect(withAnswer(other?.back ?? prepared.back, id), 303);
  }
  const made = await attempts.make(attempt);
  if (made.faults !== undefined) return again(made.faults, 422);
  return reply.redirect(withAnswer(made.back ?? prepared.back, id), 303);
}

async function prepare(action: Action, on: string, posted: Posted, zone: string): Promise<Prepared | undefined> {
  return isPlausibleId(on) ? await action.prepare(on, posted, zone) : undefined;
}

function nothingThere(request: FastifyRequest, reply: FastifyReply, action: Action): FastifyReply {
  return say(request, reply, 404, action, 'What this would be done to is not there, or is not there any more.');
}
