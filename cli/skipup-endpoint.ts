import { type SkipUpClient, WEBHOOK_EVENT_TYPES } from '../skipup/index.ts';

const DESCRIPTION = 'Kickoff';

/**
 * Makes SkipUp tell this server what happens: the endpoint is made, or pointed here when the address has changed.
 *
 * @param knownSecret the secret that an earlier run was given; SkipUp says it once
 * @returns the signing secret
 */
export async function ensureSkipUpEndpoint(
  client: SkipUpClient,
  url: string,
  knownSecret: string | undefined,
): Promise<string> {
  for await (const endpoint of client.webhookEndpoints.list()) {
    if (endpoint.description !== DESCRIPTION) continue;
    if (knownSecret !== undefined) {
      if (endpoint.url !== url || endpoint.enabled !== true) {
        await client.webhookEndpoints.update(endpoint.id, { url, enabled: true });
      }
      return knownSecret;
    }
    // Without its secret an endpoint is of no use.
    await client.webhookEndpoints.delete(endpoint.id);
  }
  const made = await client.webhookEndpoints.create({
    url,
    description: DESCRIPTION,
    events: [...WEBHOOK_EVENT_TYPES],
  });
  if (typeof made.secret !== 'string') throw new Error('the sandbox did not name its endpoint’s secret');
  return made.secret;
}
