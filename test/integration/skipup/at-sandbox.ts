import { SkipUpClient, type SkipUpClientOptions } from '../../../skipup/index.ts';
import type { Running } from '../../unit/sandbox/running.ts';
import { endWithTest, running } from '../../unit/sandbox/running.ts';

/** A sandbox whose clock stands still, and the real client that talks to it. */
export interface AtSandbox {
  sandbox: Running;
  /** With the key that has every scope; it never really waits. */
  client: SkipUpClient;
  /** What `client` waited between attempts, in milliseconds. */
  waits: number[];
}

type SandboxOptions = Parameters<typeof running>[0];

/**
 * Starts both; they end with the test.
 * @param options - the sandbox's
 * @param clientOptions - the client's, besides address and key
 */
export async function atSandbox(
  options: SandboxOptions = {},
  clientOptions: Partial<SkipUpClientOptions> = {},
): Promise<AtSandbox> {
  const sandbox = await running(options);
  const waits: number[] = [];
  const client = clientAt(sandbox, {
    ...clientOptions,
    retry: { random: () => 0.5, sleep: async (ms) => void waits.push(ms), ...clientOptions.retry },
  });
  return { sandbox, client, waits };
}

/** One more client for the same sandbox; it ends with the test. */
export function clientAt(sandbox: Running, options: Partial<SkipUpClientOptions> = {}): SkipUpClient {
  const client = new SkipUpClient({ apiKey: sandbox.apiKey, baseUrl: sandbox.apiBaseUrl, ...options });
  endWithTest(() => client.close());
  return client;
}

/** The calls of SkipUp's API as the sandbox saw them: `POST /meeting_requests 202`. */
export function callsOf({ events }: Running): string[] {
  return events.flatMap((event) => {
    if (event.type !== 'api') return [];
    return [`${event.method} ${event.path.replace('/api/v1', '')} ${event.status}`];
  });
}

/** Lets everything that is due by now happen, deliveries included. */
export async function settle(sandbox: Running): Promise<void> {
  await sandbox.advance('0ms');
}
