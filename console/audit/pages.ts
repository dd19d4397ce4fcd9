import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { auditedActions, listAudit } from '../../database/index.ts';
import type { Action } from '../action/action.ts';
import type { ConsoleContext } from '../context.ts';
import { send } from '../send.ts';
import { auditChoice } from './address.ts';
import { auditCsv } from './csv.ts';
import { auditPage } from './view.ts';

const PAGE_SIZE = 50;
/** What is no action of a page, and stands in the log all the same. */
const ACCESS_WORDS = {
  'console.sign-in': 'Sign in',
  'console.sign-out': 'Sign out',
  'console.link': 'Make a one-time link',
  'console.sessions-end': 'End sessions',
};

/** `/audit`, and the same as `/audit.csv` */
export function addAudit(
  app: FastifyInstance,
  { database }: Pick<ConsoleContext, 'database'>,
  actions: readonly Pick<Action, 'name' | 'label'>[],
): void {
  const labels = new Map([
    ...actions.flatMap(({ name, label }) => [
      [name, label] as const,
      [`bulk.${name}`, `${label} (many at once)`] as const,
    ]),
    ['bulk.goOn', 'Go on (many at once)'],
    ...Object.entries(ACCESS_WORDS),
  ]);
  app.get('/audit', async (request, reply) => {
    const choice = auditChoice(request.query);
    const [found, attempted] = await Promise.all([
      listAudit(database.db, { ...choice, limit: PAGE_SIZE + 1 }),
      auditedActions(database.db),
    ]);
    const rows = found.slice(0, PAGE_SIZE);
    const hasMore = found.length > PAGE_SIZE;
    return send(reply, auditPage(request.visit, { rows, hasMore, actions: attempted, labels }, choice));
  });

  app.get('/audit.csv', async (request, reply) => {
    const choice = auditChoice(request.query);
    return reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', 'attachment; filename="kickoff-audit.csv"')
      .send(Readable.from(auditCsv(database, choice)));
  });
}
