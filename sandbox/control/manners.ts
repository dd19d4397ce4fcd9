import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { ControlError, HubspotError } from '../errors.ts';
import { httpStatusOf, messageOf } from '../http/error-status.ts';
import { headerOf, pathOf } from '../http/read.ts';
import { sandboxedOf } from '../http/sandboxed-of.ts';

/** How every control call is refused: errors in one form, and nobody steers the sandbox from a web page. */
export function controlManners(control: FastifyInstance): void {
  control.setErrorHandler(async (error: unknown, request, reply) => {
    const isAnswer = error instanceof ControlError || error instanceof HubspotError;
    const status = isAnswer ? error.status : httpStatusOf(error);
    if (status !== undefined) return reply.code(status).send({ error: messageOf(error) });
    const { log } = sandboxedOf(request).workspace;
    log.error({ err: error, path: pathOf(request) }, 'the sandbox failed to answer a control call');
    return reply.code(500).send({ error: 'The sandbox has failed; its log says how.' });
  });
  control.setNotFoundHandler(async (request, reply) =>
    reply.code(404).send({ error: `No such route: ${request.method} ${pathOf(request)}` }),
  );

  // A web page that somebody has open must not steer their sandbox: browsers name the page's origin, tools name none. A
  // page whose own name was pointed at this machine (DNS rebinding) names no origin when it reads, but its host.
  control.addHook('onRequest', async (request) => {
    if (!isNameOfThisMachine(request.hostname)) {
      throw new ControlError(403, `The sandbox is not steered under the name ${request.hostname}: use its IP address.`);
    }
    const origin = headerOf(request, 'origin');
    if (origin === undefined || origin === `${request.protocol}://${request.host}`) return;
    throw new ControlError(403, 'Pages of other origins cannot steer the sandbox.');
  });
}

/** Addresses, `localhost`, and names without a dot, as containers have: no page of the web has one of these. */
function isNameOfThisMachine(hostname: string): boolean {
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return true;
  return !hostname.includes('.') || hostname.endsWith('.localhost') || hostname === 'host.docker.internal';
}
