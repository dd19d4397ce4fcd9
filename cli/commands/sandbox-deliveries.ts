import { z } from 'zod';
import { aligned } from '../aligned.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError, EXIT } from '../errors.ts';
import type { SandboxPlace } from '../sandbox-control.ts';
import { SandboxControl } from '../sandbox-control.ts';

const deliverySchema = z.looseObject({
  id: z.string(),
  endpoint_id: z.string(),
  event_type: z.string(),
  status: z.string(),
  request_id: z.string().nullable(),
  response_code: z.int().nullable(),
  attempts: z.int(),
  created_at: z.string(),
});
type ListedDelivery = z.infer<typeof deliverySchema>;
const listSchema = z.object({ deliveries: z.array(deliverySchema), total: z.int() });
const resentSchema = z.object({ ok: z.boolean(), delivery: deliverySchema });
const manyResentSchema = z.object({ resent: z.array(resentSchema) });
const endpointsSchema = z.looseObject({
  webhook_endpoints: z.array(z.looseObject({ id: z.string(), url: z.string(), enabled: z.boolean() })),
});

export interface DeliveryFilters extends SandboxPlace {
  endpoint?: string;
  status?: string;
  event?: string;
  limit?: number;
  /** ISO 8601. */
  since?: string;
}

/** The sandbox's deliveries, newest first. */
export async function sandboxDeliveries(context: CommandContext, options: DeliveryFilters): Promise<void> {
  const { endpoint, status, event, limit, since } = options;
  const { deliveries, total } = await new SandboxControl(context, options).get('/deliveries', listSchema, {
    query: { endpoint_id: endpoint, status, event_type: event, limit, since },
  });
  if (context.output.json) {
    for (const delivery of deliveries) context.output.emit({ type: 'delivery', ...delivery });
    return;
  }
  const said = deliveries.length === 0 ? 'There are no such deliveries.' : aligned(deliveries.map(rowOf));
  const more = total > deliveries.length ? `\n… and ${total - deliveries.length} more: --limit ${total}` : '';
  context.output.emit({ type: 'deliveries' }, `${said}${more}`);
}

/** Sends one delivery again. @throws CliError when the receiver does not take it */
export async function resendDelivery(context: CommandContext, id: string, options: SandboxPlace): Promise<void> {
  const path = `/deliveries/${encodeURIComponent(id)}/resend`;
  const { ok, delivery } = await new SandboxControl(context, options).post(path, resentSchema, { body: {} });
  tell(context, ok, delivery);
  if (!ok) throw new CliError(`${id} was sent again and not taken: ${answerOf(delivery)}.`);
}

/**
 * Sends every delivery again that the filters pick.
 *
 * @throws CliError when one is not taken; exit code 2 when neither an endpoint nor a filter is named
 */
export async function resendDeliveries(context: CommandContext, options: DeliveryFilters): Promise<void> {
  const { endpoint, status, event, since } = options;
  if (endpoint === undefined && status === undefined && event === undefined && since === undefined) {
    throw new CliError('Say which: an id, --failed, --event, --since or --endpoint.', { exitCode: EXIT.usage });
  }
  const control = new SandboxControl(context, options);
  const { webhook_endpoints: known } = await control.get('/state', endpointsSchema);
  const meant = known.filter(({ id, enabled }) => (endpoint === undefined ? enabled : id === endpoint));
  if (endpoint !== undefined && meant.length === 0) throw new CliError(`There is no webhook endpoint ${endpoint}.`);
  const body = { status, event_type: event, since };
  const resent: z.infer<typeof resentSchema>[] = [];
  for (const { id } of meant) {
    const path = `/webhook_endpoints/${encodeURIComponent(id)}/resend`;
    resent.push(...(await control.post(path, manyResentSchema, { body })).resent);
  }
  for (const { ok, delivery } of resent) tell(context, ok, delivery);
  const lost = resent.filter(({ ok }) => !ok).length;
  context.output.emit({ type: 'resent', count: resent.length, failed: lost }, `${resent.length} sent again`);
  if (lost > 0)
    throw new CliError(`${lost} of ${resent.length} were not taken. See: kickoff sandbox journal --type delivery`);
}

function tell({ output }: CommandContext, ok: boolean, delivery: ListedDelivery): void {
  output.emit(
    { type: 'delivery', ok, ...delivery },
    `${ok ? '✔' : '✘'} ${delivery.id}  ${delivery.event_type}  ${answerOf(delivery)}`,
  );
}

function answerOf({ response_code: code }: ListedDelivery): string {
  return code === null ? 'no answer' : `answered ${code}`;
}

function rowOf(delivery: ListedDelivery): string[] {
  const { id, event_type, status, attempts, request_id, created_at } = delivery;
  const tries =
    attempts === 0
      ? 'not tried yet'
      : `${attempts === 1 ? '1 attempt' : `${attempts} attempts`}, ${answerOf(delivery)}`;
  return [id, created_at, status, event_type, tries, request_id ?? ''];
}
