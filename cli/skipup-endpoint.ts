import { type SkipUpClient, SkipUpError, WEBHOOK_EVENT_TYPES, type WebhookEndpoint } from '../skipup/index.ts';

/** Where the receivers take SkipUp's webhooks, below `PUBLIC_URL`. */
export const SKIPUP_WEBHOOK_PATH = '/webhooks/skipup';

/** By this SkipUp's settings page and its API tell our endpoint from others' in the workspace. */
const DESCRIPTION = 'Kickoff';

export interface EnsureEndpointOptions {
  /** Where SkipUp is to deliver: `https://…/webhooks/skipup`. */
  url: string;
  /** An endpoint of ours at another address that is to be pointed here, by its id. */
  move?: string | undefined;
}

/** What became of the endpoint. */
export interface EnsuredEndpoint {
  action: 'created' | 'updated' | 'unchanged';
  endpoint: WebhookEndpoint;
  /** In words: what was changed. */
  changes: string[];
  /** Endpoints of ours at other addresses: another installation's, or an old address of this one. */
  elsewhere: WebhookEndpoint[];
}

/**
 * Makes SkipUp tell this server what happens: one endpoint at the address, for every event, switched on. Endpoints at
 * other addresses are left alone, since another installation may stand behind them, unless one is named to be moved.
 *
 * @throws SkipUpError; SkipUpNotFoundError when `move` names none
 */
export async function ensureSkipUpEndpoint(
  client: SkipUpClient,
  { url, move }: EnsureEndpointOptions,
): Promise<EnsuredEndpoint> {
  const known = await client.webhookEndpoints.list().toArray({ limit: 1000 });
  const named = move === undefined ? undefined : await client.webhookEndpoints.get(move);
  const existing = named ?? known.find((endpoint) => endpoint.url === url);
  const elsewhere = known.filter(
    (endpoint) => isOurs(endpoint) && endpoint.url !== url && endpoint.id !== existing?.id,
  );
  if (existing === undefined) {
    return { action: 'created', endpoint: await create(client, url), changes: [], elsewhere };
  }
  const changes = changesOf(existing, url);
  if (changes.length === 0) return { action: 'unchanged', endpoint: existing, changes, elsewhere };
  const endpoint = await client.webhookEndpoints.update(existing.id, {
    url,
    events: [...WEBHOOK_EVENT_TYPES],
    enabled: true,
  });
  return { action: 'updated', endpoint, changes, elsewhere };
}

/** For a stack whose address changes with every start: the one endpoint that it has is pointed at it. */
export async function followSkipUpEndpoint(client: SkipUpClient, url: string): Promise<void> {
  const known = await client.webhookEndpoints.list().toArray({ limit: 1000 });
  const own = known.find((endpoint) => endpoint.url === url) ?? known.find(isOurs);
  await ensureSkipUpEndpoint(client, { url, move: own?.id });
}

function isOurs(endpoint: WebhookEndpoint): boolean {
  return endpoint.description === DESCRIPTION;
}

function changesOf(endpoint: WebhookEndpoint, url: string): string[] {
  const missing = WEBHOOK_EVENT_TYPES.filter((event) => endpoint.events?.includes(event) !== true);
  return [
    ...(endpoint.url === url ? [] : [`moved here from ${endpoint.url ?? 'nowhere'}`]),
    ...(missing.length === 0 ? [] : [`subscribed to ${missing.join(', ')}`]),
    ...(endpoint.enabled === true ? [] : [`switched on (it was off: ${endpoint.disabled_reason ?? 'by a person'})`]),
  ];
}

/** Create has no idempotency key: after a failure in which SkipUp may have acted, the endpoint is looked for first. */
async function create(client: SkipUpClient, url: string): Promise<WebhookEndpoint> {
  try {
    return await client.webhookEndpoints.create({ url, description: DESCRIPTION, events: [...WEBHOOK_EVENT_TYPES] });
  } catch (error) {
    if (!(error instanceof SkipUpError && error.ambiguous)) throw error;
    const made = (await client.webhookEndpoints.list().toArray({ limit: 100 })).find((one) => one.url === url);
    if (made === undefined) throw error;
    return made;
  }
}
