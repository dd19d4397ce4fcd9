import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { addAccess } from './access/access.ts';
import { refusalPage } from './access/refusals.ts';
import type { Action } from './action/action.ts';
import { addActions } from './action/pages.ts';
import { addAudit } from './audit/pages.ts';
import { backfillActions } from './backfill/actions.ts';
import { addBackfills } from './backfill/pages.ts';
import type { AddPages, ConsoleContext } from './context.ts';
import { handOverActions } from './hand-over/actions.ts';
import { addHandOvers } from './hand-over/pages.ts';
import { inboxActions } from './inbox/actions.ts';
import { addInbox } from './inbox/pages.ts';
import { kickoffActions } from './kickoff/actions.ts';
import { addKickoff } from './kickoff/pages.ts';
import { addKickoffs } from './kickoffs/pages.ts';
import { leadActions } from './leads/actions.ts';
import { addLeads } from './leads/pages.ts';
import { addLive } from './live/pages.ts';
import { addOverview } from './overview/pages.ts';
import { BadAddress } from './page/address.ts';
import { messagePage, STYLESHEET_PATH } from './page/layout.ts';
import { STYLESHEET } from './page/stylesheet.ts';
import { registryActions } from './registry/actions/actions.ts';
import { addRegistry } from './registry/pages.ts';
import { sandboxActions } from './sandbox/actions.ts';
import { addSandbox } from './sandbox/pages.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { send } from './send.ts';
import { startActions } from './start/action.ts';
import { addStart } from './start/pages.ts';
import type { Visit } from './visit.ts';
import { webhooksActions } from './webhooks/actions.ts';
import { addWebhooks } from './webhooks/pages.ts';

const PAGES: readonly AddPages[] = [
  addOverview,
  addKickoffs,
  addKickoff,
  addStart,
  addLeads,
  addRegistry,
  addInbox,
  addWebhooks,
  addBackfills,
  addHandOvers,
  addSandbox,
  addLive,
];

/** What a person may do, by the part of the console that it belongs to. */
function actionsOf(context: ConsoleContext): Action[] {
  return [
    ...kickoffActions(context), //
    ...inboxActions(context),
    ...webhooksActions(context),
    ...sandboxActions(context),
    ...startActions(context),
    ...backfillActions(context),
    ...leadActions(context),
    ...handOverActions(context),
    ...registryActions(context),
  ];
}

/**
 * The console. Its pages read the database; what a person does goes to Temporal, the registry or the inbox. They need no
 * script. Everything but signing in is for those who are signed in.
 */
export function consolePages(context: ConsoleContext): FastifyPluginAsync {
  return async (app) => {
    app.addHook('onRequest', async (_request, reply) => {
      reply.headers(SECURITY_HEADERS);
    });
    app.setErrorHandler(
      async (error: FastifyError, request, reply) => await answerError(context, error, request, reply),
    );
    app.get(STYLESHEET_PATH, async (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLESHEET));
    await app.register(async (pages) => {
      await addAccess(pages, context);
      for (const addPages of PAGES) addPages(pages, context);
      const actions = actionsOf(context);
      addAudit(pages, context, actions);
      addActions(pages, context, actions);
    });
  };
}

async function answerError(
  { logger }: ConsoleContext,
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  // Before the sign-in there is none, whatever the type says.
  const visit: Visit | undefined = request.visit;
  const refused = refusalPage(error, visit);
  if (refused !== undefined) {
    if (refused.retryAfterSeconds !== undefined) reply.header('retry-after', String(refused.retryAfterSeconds));
    return send(reply.code(refused.status), refused.page);
  }
  if (error instanceof BadAddress) {
    return send(reply.code(400), messagePage(visit, 'That address leads nowhere', error.message));
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return send(reply.code(error.statusCode), messagePage(visit, 'That cannot be taken', `${error.message}.`));
  }
  logger.error({ err: error }, 'a page of the console could not be made');
  const sentence = 'The database did not answer as it should; the server’s log has the reason. Try again.';
  return send(reply.code(500), messagePage(visit, 'This page could not be made', sentence));
}
