import { z } from 'zod';
import { textIn, textsOf } from '../action/posted.ts';
import type { AddPages } from '../context.ts';
import { messagePage } from '../page/layout.ts';
import { send } from '../send.ts';
import { listBackfills, readBackfill, scheduledBackfills } from './read.ts';
import { backfillPage } from './run-view.ts';
import { backfillsPage } from './view.ts';

/** Temporal's ids of runs. */
const runSchema = z.uuid();
/** Temporal takes ids of so many characters by default. */
const LONGEST_ID = 1_000;

/**
 * `/backfills`, `/backfills/<workflow id, URL-encoded>`. Nothing of a backfill is in the database, so that no change of a row
 * tells of it: a page that follows the topic `backfills` is to be told every three seconds while it is open.
 */
export const addBackfills: AddPages = (app, { client }) => {
  app.get('/backfills', async (request, reply) => {
    const token = textIn(textsOf(request.query), 'page');
    const [listed, schedules] = await Promise.all([listBackfills(client, token), scheduledBackfills(client)]);
    return send(reply, backfillsPage(request.visit, { listed, schedules, isFirst: token === '' }));
  });

  app.get<{ Params: { '*': string } }>('/backfills/*', async (request, reply) => {
    const workflowId = request.params['*'];
    const run = runSchema.safeParse(textIn(textsOf(request.query), 'run')).data;
    const isPlausible = workflowId !== '' && workflowId.length <= LONGEST_ID && !workflowId.includes('\0');
    const found = isPlausible ? await readBackfill(client, workflowId, run) : { answer: undefined };
    if ('silent' in found) {
      const sentence = `${found.silent} A backfill is known to it alone.`;
      return send(reply.code(503), messagePage(request.visit, 'Not known now', sentence));
    }
    if (found.answer === undefined) {
      const sentence = 'There is no backfill under this id, or Temporal’s retention has passed over it.';
      return send(reply.code(404), messagePage(request.visit, 'No such backfill', sentence));
    }
    return send(reply, backfillPage(request.visit, found.answer));
  });
};
