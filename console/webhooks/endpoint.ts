import { type SkipUpClient, SkipUpError, WEBHOOK_EVENT_TYPES, type WebhookEndpoint } from '../../skipup/index.ts';

/** A page is not kept waiting for SkipUp. */
const PATIENCE_MS = 5_000;
/** Somebody who has pressed a button waits longer. */
export const ACTION_PATIENCE_MS = 15_000;
/** A workspace has a handful. */
const MOST_ENDPOINTS = 100;

/** What SkipUp answered, or why it did not, in words. */
export type FromSkipUp<T> = { answer: T } | { silent: string };

/**
 * Asks SkipUp something, for so long.
 *
 * @param ask is given the signal that ends its calls
 */
export async function fromSkipUp<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<FromSkipUp<T>> {
  const signal = AbortSignal.timeout(patienceMs);
  try {
    return { answer: await ask(signal) };
  } catch (error) {
    if (signal.aborted) return { silent: `SkipUp has not answered within ${patienceMs / 1_000} s.` };
    if (error instanceof SkipUpError) return { silent: error.message };
    throw error;
  }
}

/** Every endpoint of the workspace, this installation's first. */
export async function endpointsOf(
  client: SkipUpClient,
  ownUrl: string | undefined,
  signal: AbortSignal,
): Promise<WebhookEndpoint[]> {
  const all = await client.webhookEndpoints.list({}, { signal }).toArray({ limit: MOST_ENDPOINTS });
  return [...all].sort((a, b) => Number(b.url === ownUrl) - Number(a.url === ownUrl));
}

/** Events that Kickoff needs and the endpoint is not told of. */
export function missingEvents({ events }: WebhookEndpoint): string[] {
  return WEBHOOK_EVENT_TYPES.filter((event) => events?.includes(event) !== true);
}
