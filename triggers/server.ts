import Fastify, { type FastifyInstance, type FastifyPluginAsync, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Crm, CrmName } from '../crm/index.ts';
import type { Database, InboxSource } from '../database/index.ts';
import { answerBrokenConnection } from './broken-connection.ts';
import { addDealOpenApi } from './deal-openapi.ts';
import { addDealReceivers } from './deal-receiver.ts';
import { errorBody, RETRY_AFTER_SECONDS, TriggerError } from './errors.ts';
import { guarded, type OnTriggerEvent } from './events.ts';
import { addFormOpenApi } from './form-openapi.ts';
import { addFormReceiver, type FormReceiverOptions } from './form-receiver.ts';
import { addHealthRoutes } from './health.ts';
import { countRefused, registerInboxGauge, triggerMetrics } from './metrics.ts';
import { addSkipUpReceiver, type SkipUpReceiverOptions } from './skipup-receiver.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The inbox source that a receiver fills; other routes have none. */
    source?: InboxSource;
  }
}

export interface TriggerServerOptions {
  database: Database;
  crms: Partial<Record<CrmName, Crm>>;
  skipup: SkipUpReceiverOptions;
  /** Left out: leads are not recovered here, and forms are answered 503. */
  forms?: FormReceiverOptions | undefined;
  /** Settles when Temporal answers, rejects with the reason when it does not. */
  isTemporalReachable: () => Promise<void>;
  /** Told whenever something new is in the inbox. */
  relay: { wake(): void };
  logger: Logger;
  metrics: Registry;
  limits?: {
    /** Bytes of a request's body. Default 262,144 (256 KB). */
    bodyBytes?: number;
    /** Milliseconds in which a request must have arrived completely, head and body. Default 10,000. */
    requestMs?: number;
    /** Milliseconds for storing an event. Default 4,000: HubSpot gives up after 5 s. */
    storeMs?: number;
  };
  onEvent?: OnTriggerEvent;
  /** Registered beside the receivers, e.g. the console. */
  plugins?: FastifyPluginAsync[];
}

/**
 * The HTTP server of the receivers, ready and not listening: `POST /webhooks/skipup`, `POST /triggers/hubspot`,
 * `POST /triggers/deal`, `POST /triggers/form`, `GET /openapi.json`, `GET /healthz`, `GET /readyz`, `GET /metrics`.
 *
 * What comes in is verified over its raw bytes, stored, and only then acknowledged. Every error is JSON, see `errors.ts`.
 */
export async function createTriggerServer(options: TriggerServerOptions): Promise<FastifyInstance> {
  const { logger } = options;
  const bodyLimit = options.limits?.bodyBytes ?? 262_144;
  const requestTimeout = options.limits?.requestMs ?? 10_000;
  const metrics = triggerMetrics(options.metrics);
  const tell = guarded(options.onEvent, logger);
  registerInboxGauge(options.metrics, options.database, (err) =>
    logger.warn({ err }, 'the inbox could not be counted'),
  );

  const refuse = (error: TriggerError, source: InboxSource | undefined) => {
    countRefused(metrics, source, error.code);
    logger[error.status >= 500 ? 'error' : 'warn'](
      { code: error.code, status: error.status, source, reason: error.message, ...causeOf(error) },
      'request refused',
    );
    tell({
      type: 'refused',
      code: error.code,
      status: error.status,
      message: error.message,
      ...(source === undefined ? {} : { source }),
    });
  };

  const app = Fastify({
    logger: false,
    bodyLimit,
    requestTimeout,
    // Node looks for late requests at this interval: a quarter of the limit keeps the overshoot small.
    http: {
      headersTimeout: requestTimeout,
      connectionsCheckingInterval: Math.max(50, Math.min(1_000, requestTimeout / 4)),
    },
    clientErrorHandler: (error, socket) =>
      answerBrokenConnection(error, socket, (refused) => refuse(refused, undefined)),
    // URLs that the router cannot read never reach the error handler below.
    frameworkErrors: (cause, _request, reply) => {
      const error = asTriggerError(cause, bodyLimit);
      refuse(error, undefined);
      reply.raw.writeHead(error.status, { 'content-type': 'application/json; charset=utf-8' });
      reply.raw.end(JSON.stringify(errorBody(error)));
    },
    routerOptions: { ignoreTrailingSlash: true },
    // A server that closes finishes what it has begun and says 503 to nobody: the port is simply gone.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
  });

  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    if (!reply.hasHeader('cache-control')) {
      reply.header('cache-control', 'no-store');
    }
  });
  app.addHook('onResponse', async (request, reply) => {
    const { source } = request.routeOptions.config;
    if (source !== undefined) {
      metrics.acknowledgeSeconds.observe({ source }, reply.elapsedTime / 1000);
    }
  });
  app.setErrorHandler(async (cause, request, reply) => {
    if (request.raw.destroyed && !request.raw.complete) {
      // The sender is gone or was cut off; there is nobody to answer, and a cut was counted where it was made.
      return reply.hijack();
    }
    const error = asTriggerError(cause, bodyLimit);
    refuse(error, request.routeOptions.config.source);
    if (error.status === 503) {
      reply.header('retry-after', String(RETRY_AFTER_SECONDS));
    }
    return reply.code(error.status).send(errorBody(error));
  });
  app.setNotFoundHandler(async (request, reply) => {
    const allowed = methodsOf(app, request);
    if (allowed.length === 0) {
      throw new TriggerError('unknown_route', 'Nothing is served here. The receivers are listed in the documentation.');
    }
    reply.header('allow', allowed.join(', '));
    throw new TriggerError('method_not_allowed', `${request.method} is not served here: use ${allowed.join(' or ')}.`);
  });

  await app.register(async (receivers) => {
    // The signatures are over the bytes as they came: no body is parsed before it is verified, whatever its type is said to be.
    receivers.removeAllContentTypeParsers();
    receivers.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    const storeMs = options.limits?.storeMs ?? 4_000;
    const context = { database: options.database, relay: options.relay, logger, metrics, onEvent: tell, storeMs };
    addSkipUpReceiver(receivers, context, options.skipup);
    addDealReceivers(receivers, context, options.crms, options.forms !== undefined);
    addFormReceiver(receivers, context, options.crms, options.forms);
  });
  addDealOpenApi(app);
  addFormOpenApi(app);
  addHealthRoutes(app, {
    database: options.database,
    isTemporalReachable: options.isTemporalReachable,
    metrics: options.metrics,
  });
  for (const plugin of options.plugins ?? []) {
    await app.register(plugin);
  }
  await app.ready();
  return app;
}

/** Fastify's own errors in our words; anything unforeseen is ours to mend. */
function asTriggerError(cause: unknown, bodyLimit: number): TriggerError {
  if (cause instanceof TriggerError) {
    return cause;
  }
  const { code, statusCode, message } = facts(cause);
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new TriggerError('body_too_large', `The body is larger than ${bodyLimit} bytes. Send fewer events at once.`);
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new TriggerError('unsupported_media_type', 'The Content-Type cannot be read. Send application/json.');
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new TriggerError('malformed_request', `The request cannot be read: ${message}.`, { cause });
  }
  return new TriggerError('internal', 'Something went wrong here. Send it again; the log of this server has more.', {
    cause,
  });
}

function facts(cause: unknown): { code?: string; statusCode?: number; message: string } {
  if (!(cause instanceof Error)) {
    return { message: 'unknown' };
  }
  return {
    message: cause.message,
    ...('code' in cause && typeof cause.code === 'string' ? { code: cause.code } : {}),
    ...('statusCode' in cause && typeof cause.statusCode === 'number' ? { statusCode: cause.statusCode } : {}),
  };
}

/** The cause's own words for the log; signatures and bodies are in none of them. */
function causeOf(error: TriggerError): { err?: unknown } {
  return error.status >= 500 && error.cause !== undefined ? { err: error.cause } : {};
}

function methodsOf(app: FastifyInstance, request: FastifyRequest): string[] {
  const url = request.url.split('?', 1)[0] ?? '/';
  return (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).filter((method) => app.hasRoute({ method, url }));
}
