import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { changeDeal } from '../crm/deals.ts';
import { engagementsOf } from '../crm/engagements.ts';
import { putDeal, WON_STAGE } from '../crm/put-deal.ts';
import { ControlError } from '../errors.ts';
import { crmIdSchema, dealFixtureSchema } from '../fixtures/deal.ts';
import { paramOf } from '../http/read.ts';
import { sandboxedOf } from '../http/sandboxed-of.ts';
import type { CrmDeal } from '../state/schema.ts';
import type { Workspace } from '../workspace.ts';
import { check, readBody } from './read.ts';

const closeSchema = z.strictObject({
  stage: z.string().min(1).max(100).default(WON_STAGE),
  /** False: the stage changes and the webhook URL hears nothing of it. */
  notify: z.boolean().default(true),
  /** So many requests with the same events, all at once. */
  repeat: z.int().min(1).max(50).default(1),
  /** So many events more in the same request, about other properties and other deals. */
  others: z.int().min(0).max(99).default(0),
  /** HubSpot's older or newer words for the same event. */
  form: z.enum(['deal', 'object']).default('deal'),
});

/** A deal with all that was written to it. */
export function dealDetails(workspace: Workspace, deal: CrmDeal) {
  const engagements = (kind: 'notes' | 'tasks') =>
    engagementsOf(workspace, kind, deal.id).map(({ id, properties, createdAt }) => ({ id, properties, createdAt }));
  return { ...deal, notes: engagements('notes'), tasks: engagements('tasks') };
}

/** `/crm`: put deals in, close them, see what was written to them. */
export function crmRoutes(control: FastifyInstance): void {
  const find = (request: FastifyRequest): CrmDeal => {
    const id = paramOf(request, 'id');
    const deal = sandboxedOf(request).workspace.state.crm.deals.get(id);
    if (deal === undefined) throw new ControlError(404, `There is no deal ${id}.`);
    return deal;
  };

  control.get('/crm/deals', async (request) => {
    const { workspace } = sandboxedOf(request);
    return { deals: [...workspace.state.crm.deals.values()].map((deal) => dealDetails(workspace, deal)) };
  });
  control.get('/crm/deals/:id', async (request) => dealDetails(sandboxedOf(request).workspace, find(request)));

  control.put('/crm/deals/:id', async (request) => {
    const { workspace } = sandboxedOf(request);
    const id = check(crmIdSchema, paramOf(request, 'id'));
    const deal = putDeal(workspace.state.crm, id, readBody(request, dealFixtureSchema), workspace.now());
    workspace.changed();
    return dealDetails(workspace, deal);
  });

  control.post('/crm/deals/:id/close', async (request) => {
    const { workspace, notices } = sandboxedOf(request);
    const deal = find(request);
    const { stage, notify, repeat, others, form } = readBody(request, closeSchema);
    const closedate = new Date(workspace.now()).toISOString();
    changeDeal(workspace, deal, { dealstage: stage, closedate }, 'control');
    const source = { changeSource: 'CRM_UI', form } as const;
    const closing = notices.event({ objectId: deal.id, property: 'dealstage', value: stage, ...source });
    const noise = Array.from({ length: others }, (_, nth) =>
      nth % 2 === 0
        ? notices.event({ objectId: deal.id, property: 'amount', value: String(1000 + nth), ...source })
        : notices.event({ objectId: String(7_000_000_000 + nth), property: 'dealstage', value: stage, ...source }),
    );
    // The one that matters stands in the middle: whoever reads only the first of an array misses it.
    const events = noise.toSpliced(Math.floor(noise.length / 2), 0, closing);
    const queued = Array.from({ length: notify ? repeat : 0 }, () => notices.add(events));
    const sent = await Promise.all(queued.flatMap((notice) => (notice === undefined ? [] : [notices.hasten(notice)])));
    return { deal: dealDetails(workspace, deal), events, sent };
  });

  control.post('/crm/webhook', async (request) => {
    const { workspace } = sandboxedOf(request);
    const { url } = readBody(request, z.strictObject({ url: z.url({ protocol: /^https?$/ }).nullable() }));
    workspace.state.crm.webhookUrl = url;
    workspace.changed();
    return { url };
  });
}
