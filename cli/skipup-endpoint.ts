import { type SkipUpClient, WEBHOOK_EVENT_TYPES } from '../skipup/index.ts';

const DESCRIPTION = 'Kickoff';

/** Makes SkipUp tell this server what happens: the endpoint is made, or pointed here when the address has changed. */
export async function ensureSkipUpEndpoint(client: SkipUpClient, url: string): Promise<void> {
  for await (const endpoint of client.webhookEndpoints.list()) {
    if (endpoint.description !== DESCRIPTION) continue;
    if (endpoint.url !== url || endpoint.enabled !== true) {
      await client.webhookEndpoints.update(endpoint.id, { url, enabled: true });
    }
    return;
  }
  await client.webhookEndpoints.create({ url, description: DESCRIPTION, events: [...WEBHOOK_EVENT_TYPES] });
}
