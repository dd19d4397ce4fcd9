import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { bulkSchema, putDealsInBulk } from '../crm/bulk-deals.ts';
import { changeDeal } from '../crm/deals.ts';
import { engagementsOf } from '../crm/engagements.ts';
import { dealUnder, deleteDeal, mergeDeals } from '../crm/merge.ts';
import type { CrmNotices, NoticeOutcome } from '../crm/notices.ts';
import { putDeal, stageProperties, WON_STAGE } from '../crm/put-deal.ts';
import { ControlError } from '../errors.ts';
import { crmIdSchema, dealFixtureSchema } from '../fixtures/deal.ts';
import { paramOf } from '../http/read.ts';
import { sandboxedOf } from '../http/sandboxed-of.ts';
import type { CrmDeal } from '../state/schema.ts';
import type { Workspace } from '../workspace.ts';
import { check, readBody } from './read.ts';

const form = z.enum(['deal', 'object']).default('deal');
const noticeSchema = z.strictObject({
  /** False: it happens, and the webhook URL hears nothing of it. */
  notify: z.boolean().default(true),
  /** So many requests with the same events, all at once. */
  repeat: z.int().min(1).max(50).default(1),
  /** HubSpot's older or newer words for the same event. */
  form,
});
const stageSchema = noticeSchema.extend({
  stage: z.string().min(1).max(100),
  /** So many events more in the same request, about other properties and other deals. */
  others: z.int().min(0).max(99).default(0),
});
const closeSchema = stageSchema.extend({ stage: z.string().min(1).max(100).default(WON_STAGE) });
const mergeSchema = noticeSchema.extend({ with: crmIdSchema });
const changeSchema = noticeSchema.extend({
  properties: z.record(z.string(), z.string()).refine((given) => Object.keys(given).length > 0, 'Must name a property'),
});

/** A deal with all that was written to it. */
export function dealDetails(workspace: Workspace, deal: CrmDeal) {
  const engagements = (kind: 'notes' | 'tasks') =>
    engagementsOf(workspace, kind, deal.id).map(({ id, properties, createdAt }) => ({ id, properties, createdAt }));
  return { ...deal, notes: engagements('notes'), tasks: engagements('tasks') };
}

/** Sends the events, as often as asked, and says what came of each request. */
async function tell(
  notices: CrmNotices,
  events: Record<string, unknown>[],
  { notify, repeat }: z.output<typeof noticeSchema>,
): Promise<NoticeOutcome[]> {
  if (!notify || events.length === 0) return [];
  const queued = Array.from({ length: repeat }, () => notices.add(events));
  return Promise.all(queued.flatMap((notice) => (notice === undefined ? [] : [notices.hasten(notice)])));
}

/** `/crm`: put deals in, close them, see what was written to them. */
export function crmRoutes(control: FastifyInstance): void {
  const find = (request: FastifyRequest): CrmDeal => {
    const id = paramOf(request, 'id');
    const deal = dealUnder(sandboxedOf(request).workspace.state.crm, id);
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

  control.post('/crm/deals/bulk', async (request, reply) => {
    const { workspace } = sandboxedOf(request);
    const bulk = readBody(request, bulkSchema);
    const ids = putDealsInBulk(workspace, bulk);
    workspace.changed();
    return reply.code(201).send({ count: bulk.count, ...ids });
  });

  const moveTo = async (request: FastifyRequest, asked: z.output<typeof stageSchema>) => {
    const { workspace, notices } = sandboxedOf(request);
    const deal = find(request);
    const { stage, others } = asked;
    // HubSpot sets the close date when a deal is closed, and leaves it when the deal is opened again.
    const isClosing = stageProperties(stage).hs_is_closed === 'true';
    const closedate = isClosing ? { closedate: new Date(workspace.now()).toISOString() } : {};
    changeDeal(workspace, deal, { dealstage: stage, ...closedate }, 'control');
    const source = { changeSource: 'CRM_UI', form: asked.form } as const;
    const closing = notices.event({ objectId: deal.id, property: 'dealstage', value: stage, ...source });
    const noise = Array.from({ length: others }, (_, nth) =>
      nth % 2 === 0
        ? notices.event({ objectId: deal.id, property: 'amount', value: String(1000 + nth), ...source })
        : notices.event({ objectId: String(7_000_000_000 + nth), property: 'dealstage', value: stage, ...source }),
    );
    // The one that matters stands in the middle: whoever reads only the first of an array misses it.
    const events = noise.toSpliced(Math.floor(noise.length / 2), 0, closing);
    return { deal: dealDetails(workspace, deal), events, sent: await tell(notices, events, asked) };
  };
  control.post('/crm/deals/:id/close', async (request) => moveTo(request, readBody(request, closeSchema)));
  control.post('/crm/deals/:id/stage', async (request) => moveTo(request, readBody(request, stageSchema)));

  control.post('/crm/deals/:id/properties', async (request) => {
    const { workspace, notices } = sandboxedOf(request);
    const deal = find(request);
    const asked = readBody(request, changeSchema);
    const changed = changeDeal(workspace, deal, asked.properties, 'control');
    const source = { objectId: deal.id, changeSource: 'CRM_UI', form: asked.form } as const;
    const events = changed.map((property) =>
      notices.event({ ...source, property, value: asked.properties[property] ?? '' }),
    );
    return { deal: dealDetails(workspace, deal), events, sent: await tell(notices, events, asked) };
  });

  control.post('/crm/deals/:id/merge', async (request) => {
    const { workspace, notices } = sandboxedOf(request);
    const asked = readBody(request, mergeSchema);
    const { deal, merge } = mergeDeals(workspace, find(request).id, asked.with, 'control');
    const events = [notices.mergeEvent(merge, asked.form)];
    return { deal: dealDetails(workspace, deal), events, sent: await tell(notices, events, asked) };
  });

  control.post('/crm/deals/:id/delete', async (request) => {
    const { workspace, notices } = sandboxedOf(request);
    const deal = find(request);
    const asked = readBody(request, noticeSchema);
    deleteDeal(workspace, deal);
    const events = [notices.deletionEvent(deal.id, asked.form)];
    return { events, sent: await tell(notices, events, asked) };
  });

  control.post('/crm/webhook', async (request) => {
    const { workspace } = sandboxedOf(request);
    const { url } = readBody(request, z.strictObject({ url: z.url({ protocol: /^https?$/ }).nullable() }));
    workspace.state.crm.webhookUrl = url;
    workspace.changed();
    return { url };
  });
}
