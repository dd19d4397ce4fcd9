import type { FastifyInstance } from 'fastify';
import { ApiError, refused } from '../errors.ts';
import { skipupErrorBody } from '../http/error-bodies.ts';
import { httpStatusOf, messageOf } from '../http/error-status.ts';
import { pathOf } from '../http/read.ts';
import { sandboxedOf } from '../http/sandboxed-of.ts';
import { methodsOf } from '../openapi/index.ts';
import { endpointRoutes } from './endpoint-routes.ts';
import { meetingRequestRoutes } from './meeting-request-routes.ts';
import { memberRoutes } from './member-routes.ts';

/** What HTTP refuses in a way of its own; SkipUp calls all else that it cannot read unprocessable. */
const OWN_STATUS = [413, 415];

/** SkipUp's API, below whatever prefix it is registered under. */
export async function skipupApi(api: FastifyInstance): Promise<void> {
  api.setErrorHandler(async (error: unknown, request, reply) => {
    if (error instanceof ApiError) return reply.code(error.status).send(skipupErrorBody(error.type, error.message));
    const status = httpStatusOf(error);
    if (status !== undefined) {
      const code = OWN_STATUS.includes(status) ? status : 422;
      return reply.code(code).send(skipupErrorBody('invalid_request', messageOf(error)));
    }
    const { log } = sandboxedOf(request).workspace;
    log.error({ err: error, path: pathOf(request) }, 'the sandbox failed to answer a call');
    return reply.code(500).send(skipupErrorBody('server_error', 'The sandbox has failed; its log says how.'));
  });
  // Rails knows a route by its path and method together: another method is as unknown as another path.
  api.setNotFoundHandler(async (request, reply) => {
    const methods = methodsOf(pathOf(request).slice(api.prefix.length));
    if (methods.length > 0) reply.header('allow', methods.join(', '));
    const hint = methods.length === 0 ? '' : `; this path takes ${methods.join(', ')}`;
    const message = `No such route: ${request.method} ${pathOf(request)}${hint}`;
    return reply.code(404).send(skipupErrorBody('not_found', message));
  });
  api.removeAllContentTypeParsers();
  api.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, utf8Of(body));
    } catch (cause) {
      done(cause instanceof Error ? cause : refused(String(cause)));
    }
  });

  meetingRequestRoutes(api);
  memberRoutes(api);
  endpointRoutes(api);
}

/** The body's text: nothing is put in the place of bytes that are none. @throws ApiError 422 `invalid_request` */
function utf8Of(body: string | Buffer): string {
  if (typeof body === 'string') return body;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    // Its message names an encoding and nothing else; the one that helps is ours.
    throw refused('The body is not valid UTF-8.');
  }
}
