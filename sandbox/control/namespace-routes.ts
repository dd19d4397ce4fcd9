import type { FastifyInstance } from 'fastify';
import { paramOf } from '../http/read.ts';
import { accessTo } from '../namespace-access.ts';
import type { Namespaces } from '../namespaces.ts';
import { newNamespaceSchema } from '../options.ts';
import { clockView } from './clock-routes.ts';
import { controlManners } from './manners.ts';
import { readBody } from './read.ts';

/** `/namespaces`: sandboxes side by side. What steers one of them stands below `/namespaces/<name>/`. */
export async function namespaceRoutes(control: FastifyInstance, namespaces: Namespaces): Promise<void> {
  controlManners(control);

  control.get('/', async () => ({
    namespaces: namespaces.list().map(({ name, workspace }) => ({
      name,
      seed: workspace.state.seed,
      clock: clockView(workspace),
      meetingRequests: workspace.state.requests.size,
    })),
  }));

  control.post('/', async (request, reply) => {
    const made = namespaces.create(readBody(request, newNamespaceSchema));
    // The one time that its secrets are shown.
    return reply.code(201).send(accessTo(made, `${request.protocol}://${request.host}`));
  });

  control.delete('/:namespace', async (request, reply) => {
    await namespaces.remove(paramOf(request, 'namespace'));
    return reply.code(204).send();
  });
}
