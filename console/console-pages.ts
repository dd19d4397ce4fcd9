import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import type { Database } from '../database/index.ts';
import { inboxFilter } from './inbox/address.ts';
import { readInbox } from './inbox/read.ts';
import { inboxPage } from './inbox/view.ts';
import { readKickoff } from './kickoff/read.ts';
import { kickoffPage } from './kickoff/view.ts';
import { overviewFilter } from './overview/address.ts';
import { readOverview } from './overview/read.ts';
import { overviewPage } from './overview/view.ts';
import { BadAddress } from './page/address.ts';
import type { Markup } from './page/html.ts';
import { messagePage, STYLESHEET_PATH } from './page/layout.ts';
import { STYLESHEET } from './page/stylesheet.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** As much of a logger as this room needs; a pino logger is one. */
export interface ConsoleLogger {
  error(fields: object, message: string): void;
}

export interface ConsoleOptions {
  database: Database;
  /** Where workflows are shown, with the namespace: `http://host:8233/namespaces/default`. Undefined: no links there. */
  temporalUi?: string | undefined;
  /** Told why a page could not be made. Undefined: the error goes on to the server's own handler. */
  logger?: ConsoleLogger | undefined;
}

/**
 * The console's pages: `/`, `/kickoffs/<workflow id, URL-encoded>`, `/inbox`. They read the database and change nothing;
 * they need no script. Whoever reaches them sees names and e-mail addresses: who may is for the network or a proxy to say.
 */
export function consolePages({ database, temporalUi, logger }: ConsoleOptions): FastifyPluginAsync {
  return async (app) => {
    app.addHook('onRequest', async (_request, reply) => {
      reply.headers(SECURITY_HEADERS);
    });
    app.setErrorHandler(async (error, _request, reply) => {
      if (error instanceof BadAddress) {
        return send(reply.code(400), messagePage('That address leads nowhere', error.message));
      }
      if (logger === undefined) throw error;
      logger.error({ err: error }, 'a page of the console could not be made');
      const sentence = 'The database did not answer as it should; the server’s log has the reason. Try again.';
      return send(reply.code(500), messagePage('This page could not be made', sentence));
    });

    app.get('/', async (request, reply) => {
      const filter = overviewFilter(request.query);
      return send(reply, overviewPage(await readOverview(database, filter), filter, temporalUi));
    });
    app.get('/kickoffs', async (_request, reply) => reply.redirect('/'));
    // Not a parameter: the router takes parameters of 100 characters at most, and a workflow's id can be longer.
    app.get<{ Params: { '*': string } }>('/kickoffs/*', async (request, reply) => {
      const details = await readKickoff(database, request.params['*']);
      if (details === undefined) {
        return send(reply.code(404), messagePage('No such kickoff', nowhere(request.params['*'])));
      }
      return send(reply, kickoffPage(details, temporalUi));
    });
    app.get('/inbox', async (request, reply) => {
      const filter = inboxFilter(request.query);
      return send(reply, inboxPage(await readInbox(database, filter), filter, temporalUi));
    });
    app.get(STYLESHEET_PATH, async (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLESHEET));
  };
}

function nowhere(workflowId: string): string {
  return workflowId.startsWith('lead:')
    ? 'This is a lead’s recovery: the Temporal UI shows it, and so does kickoff leads show.'
    : 'There is no kickoff under this id. The deal may not have closed yet.';
}

function send(reply: FastifyReply, page: Markup): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(page.toString());
}
