import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { deliveryStatusSchema } from '../../skipup/schemas.ts';
import { deliveryView } from '../api/views.ts';
import { ControlError } from '../errors.ts';
import { paramOf } from '../http/read.ts';
import { sandboxedOf } from '../http/sandboxed-of.ts';
import type { Delivery, State } from '../state/schema.ts';
import { check, readBody } from './read.ts';

const pickedShape = {
  status: deliveryStatusSchema.optional(),
  event_type: z.string().max(128).optional(),
  /** Made at this instant or later. */
  since: z.iso.datetime({ offset: true }).optional(),
};
const resendSchema = z.strictObject(pickedShape);
const listSchema = z.strictObject({
  ...pickedShape,
  endpoint_id: z.string().max(128).optional(),
  limit: z.coerce.number().int().min(1).max(20_000).default(100),
});
const nothingSchema = z.strictObject({});
type Picked = z.infer<typeof resendSchema> & { endpoint_id?: string | undefined };

/** A delivery as SkipUp lists it, with the endpoint and the meeting request it is about. */
function details(delivery: Delivery) {
  const { id: requestId } = delivery.payload;
  const isRequest = delivery.eventType.startsWith('meeting_request.') && typeof requestId === 'string';
  return { ...deliveryView(delivery), endpoint_id: delivery.endpointId, request_id: isRequest ? requestId : null };
}

/** Deliveries that the filters let through, oldest first. */
function pick(
  { deliveries }: State,
  { endpoint_id: endpointId, status, event_type: event, since }: Picked,
): Delivery[] {
  const from = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
  return [...deliveries.values()].filter(
    (delivery) =>
      (endpointId === undefined || delivery.endpointId === endpointId) &&
      (status === undefined || delivery.status === status) &&
      (event === undefined || delivery.eventType === event) &&
      Date.parse(delivery.createdAt) >= from,
  );
}

/** `/deliveries`: every delivery of the namespace, and how to have them sent again. */
export function deliveryRoutes(control: FastifyInstance): void {
  control.get('/deliveries', async (request) => {
    const { limit, ...picked } = check(listSchema, request.query);
    const found = pick(sandboxedOf(request).workspace.state, picked);
    return { deliveries: found.slice(-limit).reverse().map(details), total: found.length };
  });

  control.post('/deliveries/:id/resend', async (request) => {
    readBody(request, nothingSchema);
    const { delivery, ok } = await sandboxedOf(request).deliveries.resend(paramOf(request, 'id'));
    return { ok, delivery: details(delivery) };
  });

  /** Answered when all have been sent; each once, as many at a time as an endpoint has lanes. */
  control.post('/webhook_endpoints/:id/resend', async (request) => {
    const { workspace, deliveries } = sandboxedOf(request);
    const id = paramOf(request, 'id');
    if (!workspace.state.endpoints.has(id)) throw new ControlError(404, `There is no webhook endpoint ${id}.`);
    const picked = pick(workspace.state, { ...readBody(request, resendSchema), endpoint_id: id });
    const resent = await Promise.all(picked.map((delivery) => deliveries.resend(delivery.id)));
    return { resent: resent.map(({ delivery, ok }) => ({ ok, delivery: details(delivery) })) };
  });
}
