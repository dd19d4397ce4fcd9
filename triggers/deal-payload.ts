import { z } from 'zod';
import { type CrmName, crmNameSchema, type DealSignal, dealSchema } from '../crm/index.ts';

/** A deal's transition as it is kept in the inbox. */
export const dealPayloadSchema = z.object({
  dealId: z.string().min(1),
  /** The CRM that the deal is read from. */
  crm: crmNameSchema,
  transitionKey: z.string().min(1),
  occurredAt: z.string().min(1),
  eventType: z.string().min(1),
  workstream: z.string().optional(),
  ignore: z.string().optional(),
  mergedIds: z.array(z.string().min(1)).optional(),
  tellsOnly: z.literal(true).optional(),
  /** The whole deal, when the sender gave it. */
  deal: dealSchema.optional(),
});
export type DealPayload = z.infer<typeof dealPayloadSchema>;

/** @param receivedBy reads the deal when the signal names no other CRM */
export function dealPayloadOf(signal: DealSignal, receivedBy: CrmName): DealPayload {
  return { ...signal, crm: signal.crm ?? receivedBy };
}
