import type { FastifyInstance } from 'fastify';
import { fastify } from 'fastify';
import { answerClientError } from '../api/client-errors.ts';
import { skipupApi } from '../api/index.ts';
import { controlApi } from '../control/index.ts';
import { namespaceRoutes } from '../control/namespace-routes.ts';
import { crmApi } from '../crm/routes.ts';
import type { Namespaces } from '../namespaces.ts';
import { API_PREFIX, contractRoutes } from '../openapi/index.ts';
import { slackWebhook } from '../slack.ts';
import { slackWebApi } from '../slack-api.ts';
import { skipupErrorBody } from './error-bodies.ts';
import { watchOutsiders } from './outsiders.ts';
import { pathOf } from './read.ts';
import { addressCalls, sandboxedOf } from './sandboxed-of.ts';

/** Larger bodies are refused with 413: the longest meeting request has well under 100 KB. */
const BODY_LIMIT_BYTES = 256 * 1024;
/** Whoever takes longer to send a request is cut off, in ms. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Everything that the sandbox answers, on one port. */
export function createServer(namespaces: Namespaces): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 300 },
    clientErrorHandler: answerClientError,
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

  addressCalls(app, namespaces);
  watchOutsiders(app);
  app.addHook('onResponse', async (request) => {
    if (request.method !== 'GET') sandboxedOf(request).workspace.changed();
  });
  app.setNotFoundHandler(async (request, reply) =>
    reply.code(404).send(skipupErrorBody('not_found', `No such route: ${request.method} ${pathOf(request)}`)),
  );

  app.register(contractRoutes);
  app.register(skipupApi, { prefix: API_PREFIX });
  app.register(crmApi, { prefix: '/hubspot' });
  for (const prefix of ['/slack', '/slack/:namespace']) {
    app.register(slackWebhook, { prefix });
    app.register(slackWebApi, { prefix: `${prefix}/api` });
  }
  app.register((control) => namespaceRoutes(control, namespaces), { prefix: '/_sandbox/namespaces' });
  for (const prefix of ['/_sandbox', '/_sandbox/namespaces/:namespace']) {
    app.register((control) => controlApi(control, namespaces), { prefix });
  }
  return app;
}
