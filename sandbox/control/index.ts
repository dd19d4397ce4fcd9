import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { endpointView, memberView } from '../api/views.ts';
import { sandboxEventSchema } from '../events.ts';
import { sandboxedOf } from '../http/sandboxed-of.ts';
import type { Namespaces } from '../namespaces.ts';
import type { Sandboxed } from '../sandboxed.ts';
import { clockRoutes, clockView } from './clock-routes.ts';
import { crmRoutes } from './crm-routes.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import { faultRoutes } from './fault-routes.ts';
import { leadRoutes } from './lead-routes.ts';
import { controlManners } from './manners.ts';
import { meetingRequestDetails, meetingRoutes } from './meeting-routes.ts';
import { check, readBody } from './read.ts';
import { snapshotRoutes } from './snapshot-routes.ts';
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

/** The strings of one namespace: state, clock, faults, journal, and everything that SkipUp, its people or the CRM's people would do. */
export async function controlApi(control: FastifyInstance, namespaces: Namespaces): Promise<void> {
  controlManners(control);

  const overview = ({ name, workspace }: Sandboxed) => {
    const { seed, settings, members, requests, endpoints, deliveries, crm, slack, journal } = workspace.state;
    return {
      namespace: name,
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
      journal: journal.last,
    };
  };
  control.get('/', async (request) => overview(sandboxedOf(request)));
  control.get('/state', async (request) => overview(sandboxedOf(request)));

  control.get('/journal', async (request, reply) => {
    const { after, type, limit } = check(journalQuerySchema, request.query);
    const { journal } = sandboxedOf(request).workspace.state;
    const entries = journal.texts({ after, type, limit });
    reply.type('application/json; charset=utf-8');
    return reply.send(`{"entries":[${entries.join(',')}],"last":${journal.last}}`);
  });

  control.get('/slack', async (request) => ({ messages: sandboxedOf(request).workspace.state.slack }));

  control.post('/reset', async (request) => {
    const sandboxed = sandboxedOf(request);
    namespaces.reset(sandboxed.name, readBody(request, resetSchema));
    return overview(sandboxed);
  });

  clockRoutes(control);
  deliveryRoutes(control);
  faultRoutes(control);
  meetingRoutes(control);
  workspaceRoutes(control);
  snapshotRoutes(control, namespaces);
  crmRoutes(control);
  leadRoutes(control);
}
