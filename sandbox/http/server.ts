import type { FastifyInstance } from 'fastify';
import { fastify } from 'fastify';
import { skipupApi } from '../api/index.ts';
import type { ResetRequest } from '../control/index.ts';
import { controlApi } from '../control/index.ts';
import { crmApi } from '../crm/routes.ts';
import type { Sandboxed } from '../sandboxed.ts';
import { slackWebhook } from '../slack.ts';
import { skipupErrorBody } from './error-bodies.ts';
import { watchOutsiders } from './outsiders.ts';
import { pathOf } from './read.ts';

/** Larger bodies are refused with 413: the longest meeting request has well under 100 KB. */
const BODY_LIMIT_BYTES = 256 * 1024;
/** Whoever takes longer to send a request is cut off, in ms. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Everything that the sandbox answers, on one port. */
export function createServer(sandboxed: Sandboxed, reset: (request: ResetRequest) => void): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 300 },
    // A URL that cannot even be decoded.
    frameworkErrors: (error, _request, reply) => {
      const body = JSON.stringify(skipupErrorBody('not_found', error.message));
      reply.hijack();
      reply.raw.writeHead(404, { 'content-type': 'application/json; charset=utf-8' }).end(body);
    },
  });
  // Every body comes as text: each part of the sandbox has its own words for one that it cannot read.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));

  const { workspace } = sandboxed;
  watchOutsiders(app, workspace);
  app.addHook('onResponse', async (request) => {
    if (request.method !== 'GET') workspace.changed();
  });
  app.setNotFoundHandler(async (request, reply) =>
    reply.code(404).send(skipupErrorBody('not_found', `No such route: ${request.method} ${pathOf(request)}`)),
  );

  app.register((api) => skipupApi(api, sandboxed), { prefix: '/api/v1' });
  app.register((crm) => crmApi(crm, sandboxed), { prefix: '/hubspot' });
  app.register((slack) => slackWebhook(slack, sandboxed), { prefix: '/slack' });
  app.register((control) => controlApi(control, sandboxed, reset), { prefix: '/_sandbox' });
  return app;
}
