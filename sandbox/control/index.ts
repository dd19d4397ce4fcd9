import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { endpointView, memberView } from '../api/views.ts';
import { ControlError } from '../errors.ts';
import { sandboxEventSchema } from '../events.ts';
import { httpStatusOf, messageOf } from '../http/error-status.ts';
import { headerOf, pathOf } from '../http/read.ts';
import type { Sandboxed } from '../sandboxed.ts';
import { clockRoutes, clockView } from './clock-routes.ts';
import { crmRoutes } from './crm-routes.ts';
import { faultRoutes } from './fault-routes.ts';
import { meetingRequestDetails, meetingRoutes } from './meeting-routes.ts';
import { check, readBody } from './read.ts';
import { workspaceRoutes } from './workspace-routes.ts';

const EVENT_TYPES = sandboxEventSchema.options.map((option) => option.shape.type.value);

const journalQuerySchema = z.strictObject({
  /** Entries after this number. */
  after: z.coerce.number().int().min(0).default(0),
  type: z.enum(EVENT_TYPES).optional(),
  limit: z.coerce.number().int().min(1).max(20_000).default(20_000),
});
const resetSchema = z.strictObject({
  seed: z.string().min(1).max(200).optional(),
  keepClock: z.boolean().default(false),
});

/** What `reset` starts again with. */
export type ResetRequest = z.infer<typeof resetSchema>;

/** The strings: state, clock, faults, journal, and everything that SkipUp, its people or the CRM's people would do. */
export async function controlApi(
  control: FastifyInstance,
  sandboxed: Sandboxed,
  reset: (request: ResetRequest) => void,
): Promise<void> {
  const { workspace } = sandboxed;

  control.setErrorHandler(async (error: unknown, request, reply) => {
    const status = error instanceof ControlError ? error.status : httpStatusOf(error);
    if (status !== undefined) return reply.code(status).send({ error: messageOf(error) });
    workspace.log.error({ err: error, path: pathOf(request) }, 'the sandbox failed to answer a control call');
    return reply.code(500).send({ error: 'The sandbox has failed; its log says how.' });
  });
  control.setNotFoundHandler(async (request, reply) =>
    reply.code(404).send({ error: `No such route: ${request.method} ${pathOf(request)}` }),
  );

  // A web page that somebody has open must not steer their sandbox: browsers name the page's origin, tools name none.
  control.addHook('onRequest', async (request) => {
    const origin = headerOf(request, 'origin');
    if (origin === undefined || origin === `${request.protocol}://${request.host}`) return;
    throw new ControlError(403, 'Pages of other origins cannot steer the sandbox.');
  });

  const overview = () => {
    const { seed, settings, members, requests, endpoints, deliveries, crm, slack, journal } = workspace.state;
    return {
      seed,
      clock: clockView(workspace),
      settings,
      members: [...members.values()].map(memberView),
      meeting_requests: [...requests.values()].map(meetingRequestDetails),
      webhook_endpoints: [...endpoints.values()].map(endpointView),
      deliveries: {
        pending: [...deliveries.values()].filter(({ status }) => status === 'pending').length,
        total: deliveries.size,
      },
      faults: workspace.faults.list().length,
      crm: { deals: [...crm.deals.keys()], webhookUrl: crm.webhookUrl },
      slack: slack.length,
      journal: journal.at(-1)?.seq ?? 0,
    };
  };
  control.get('/', async () => overview());
  control.get('/state', async () => overview());

  control.get('/journal', async (request) => {
    const { after, type, limit } = check(journalQuerySchema, request.query);
    const { journal } = workspace.state;
    const entries = journal.filter((entry) => entry.seq > after && (type === undefined || entry.type === type));
    return { entries: entries.slice(0, limit), last: journal.at(-1)?.seq ?? 0 };
  });

  control.get('/slack', async () => ({ messages: workspace.state.slack }));

  control.post('/reset', async (request) => {
    reset(readBody(request, resetSchema));
    return overview();
  });

  clockRoutes(control, sandboxed);
  faultRoutes(control, sandboxed);
  meetingRoutes(control, sandboxed);
  workspaceRoutes(control, sandboxed);
  crmRoutes(control, sandboxed);
}
