import type { FastifyInstance } from 'fastify';
import { ApiError } from '../errors.ts';
import { skipupErrorBody } from '../http/error-bodies.ts';
import { httpStatusOf, messageOf } from '../http/error-status.ts';
import { pathOf } from '../http/read.ts';
import type { Sandboxed } from '../sandboxed.ts';
import { endpointRoutes } from './endpoint-routes.ts';
import { Gate } from './gate.ts';
import { meetingRequestRoutes } from './meeting-request-routes.ts';
import { memberRoutes } from './member-routes.ts';

/** SkipUp's API, below whatever prefix it is registered under. */
export async function skipupApi(api: FastifyInstance, sandboxed: Sandboxed): Promise<void> {
  const { workspace } = sandboxed;
  const gate = new Gate(workspace);

  api.setErrorHandler(async (error: unknown, request, reply) => {
    if (error instanceof ApiError) return reply.code(error.status).send(skipupErrorBody(error.type, error.message));
    const status = httpStatusOf(error);
    if (status !== undefined) return reply.code(status).send(skipupErrorBody('invalid_request', messageOf(error)));
    workspace.log.error({ err: error, path: pathOf(request) }, 'the sandbox failed to answer a call');
    return reply.code(500).send(skipupErrorBody('server_error', 'The sandbox has failed; its log says how.'));
  });
  api.setNotFoundHandler(async (request, reply) =>
    reply.code(404).send(skipupErrorBody('not_found', `No such route: ${request.method} ${pathOf(request)}`)),
  );

  meetingRequestRoutes(api, sandboxed, gate);
  memberRoutes(api, sandboxed, gate);
  endpointRoutes(api, sandboxed, gate);
}
