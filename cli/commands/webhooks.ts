/** The SkipUp endpoint through which this installation hears what happens. */
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../../config/index.ts';
import type { SkipUpClient, WebhookDelivery, WebhookEndpoint } from '../../skipup/index.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError } from '../errors.ts';
import { skipupClientOf } from '../services.ts';
import { ensureSkipUpEndpoint, SKIPUP_WEBHOOK_PATH } from '../skipup-endpoint.ts';

/** SkipUp sends a test delivery within seconds and waits 10 s for the answer; its second attempt comes 3 s later. */
const TEST_TAKES_AT_MOST_MS = 20_000;
const LOOK_EVERY_MS = 500;

export interface EnsureOptions {
  config?: string;
  /** An endpoint to be pointed here, by its id. */
  move?: string;
  /** Whether a test delivery is asked for. */
  test: boolean;
}

/** Makes SkipUp deliver every event to `PUBLIC_URL`, and sees a test delivery through. */
export async function ensureWebhooks({ env, cwd, output, signal }: CommandContext, options: EnsureOptions) {
  const config = loadConfig({ env, cwd, configFile: options.config, require: ['SKIPUP_API_KEY', 'PUBLIC_URL'] });
  const url = `${config.server.publicUrl}${SKIPUP_WEBHOOK_PATH}`;
  await withClient(skipupClientOf(config), async (client) => {
    const { action, endpoint, changes, elsewhere } = await ensureSkipUpEndpoint(client, { url, move: options.move });
    const { id, secret, events, description } = endpoint;
    output.emit(
      { type: 'endpoint', action, id, url, events, description, changes, ...(secret ? { secret } : {}) },
      [
        `✔ endpoint ${id} ${action === 'unchanged' ? 'is as it should be' : action} · ${url} · ${events?.length ?? 0} events`,
        ...changes.map((change) => `  ${change}`),
        ...(action === 'created' ? [secretAdvice(secret ?? undefined, config.skipup.webhookSecrets)] : []),
        ...elsewhere.map(
          (other) =>
            `  Another endpoint called ${other.description} is at ${other.url} (${other.id}). If it is this installation’s old address: kickoff webhooks ensure --move ${other.id}`,
        ),
      ].join('\n'),
    );
    // A new endpoint's secret is not in the receivers yet: they would refuse the test.
    const awaitsSecret = action === 'created' && !config.skipup.webhookSecrets.includes(secret ?? '');
    if (awaitsSecret) output.emit({ type: 'next', command: 'kickoff webhooks test' }, '  Then: kickoff webhooks test');
    else if (options.test) await seeTestThrough(client, endpoint, { output, signal });
  });
}

/** Sends a test delivery to the endpoint at `PUBLIC_URL` and says what came of it. */
export async function testWebhooks({ env, cwd, output, signal }: CommandContext, options: { config?: string }) {
  const config = loadConfig({ env, cwd, configFile: options.config, require: ['SKIPUP_API_KEY', 'PUBLIC_URL'] });
  const url = `${config.server.publicUrl}${SKIPUP_WEBHOOK_PATH}`;
  await withClient(skipupClientOf(config), async (client) => {
    const known = await client.webhookEndpoints.list().toArray({ limit: 1000 });
    const endpoint = known.find((one) => one.url === url);
    if (endpoint === undefined) {
      throw new CliError(`SkipUp has no endpoint at ${url}. Make it: kickoff webhooks ensure`);
    }
    await seeTestThrough(client, endpoint, { output, signal });
  });
}

/** Every endpoint of the workspace. */
export async function listWebhooks({ env, cwd, output }: CommandContext, options: { config?: string }) {
  const config = loadConfig({ env, cwd, configFile: options.config, require: ['SKIPUP_API_KEY'] });
  const own = config.server.publicUrl === undefined ? undefined : `${config.server.publicUrl}${SKIPUP_WEBHOOK_PATH}`;
  await withClient(skipupClientOf(config), async (client) => {
    const endpoints = await client.webhookEndpoints.list().toArray({ limit: 1000 });
    for (const { id, url, enabled, disabled_reason: reason, events, description } of endpoints) {
      const state = enabled === true ? 'on' : `OFF (${reason ?? 'by a person'})`;
      output.emit(
        { type: 'endpoint', id, url, enabled, disabledReason: reason, events, description, own: url === own },
        `${id}  ${state}  ${url}${url === own ? '  ← this installation' : ''}`,
      );
    }
    if (endpoints.length === 0) output.emit({ type: 'none' }, 'SkipUp has no webhook endpoint yet.');
  });
}

function secretAdvice(secret: string | undefined, configured: readonly string[]): string {
  if (secret === undefined) {
    return '  SkipUp’s answer carries no signing secret: copy it from SkipUp’s settings into SKIPUP_WEBHOOK_SECRETS of kickoff serve.';
  }
  if (configured.includes(secret)) return '  Its signing secret is in SKIPUP_WEBHOOK_SECRETS already.';
  return `  Its signing secret, shown this once: ${secret}\n  Put it into SKIPUP_WEBHOOK_SECRETS of kickoff serve and start that again.`;
}

async function withClient(client: SkipUpClient, work: (client: SkipUpClient) => Promise<void>): Promise<void> {
  try {
    await work(client);
  } finally {
    await client.close();
  }
}

/** @throws CliError when it does not come through, with what to look at */
async function seeTestThrough(
  client: SkipUpClient,
  endpoint: WebhookEndpoint,
  { output, signal }: Pick<CommandContext, 'output' | 'signal'>,
): Promise<void> {
  const { delivery_id: id } = await client.webhookEndpoints.test(endpoint.id, { signal });
  const until = performance.now() + TEST_TAKES_AT_MOST_MS;
  let delivery: WebhookDelivery | undefined;
  do {
    const newest = await client.webhookEndpoints
      .deliveries(endpoint.id, { event_type: 'test' }, { signal })
      .toArray({ limit: 25 });
    delivery = newest.find((one) => one.id === id);
    if (delivery?.status === 'success') {
      output.emit({ type: 'test', ok: true, deliveryId: id }, '✔ a test delivery came through');
      return;
    }
    if ((delivery?.attempts ?? 0) > 0 && typeof delivery?.response_code === 'number') break;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  } while (performance.now() < until);
  throw new CliError(`The test delivery to ${endpoint.url} did not come through: ${adviceAfter(delivery)}`);
}

function adviceAfter(delivery: WebhookDelivery | undefined): string {
  const code = delivery?.response_code;
  if (delivery === undefined) return 'SkipUp has not sent it yet. Look again: kickoff webhooks test';
  if (typeof code !== 'number') return 'no answer. Is kickoff serve running, and does PUBLIC_URL lead to it?';
  if (code === 400 || code === 401) {
    return `answered ${code}. Is the endpoint’s signing secret in SKIPUP_WEBHOOK_SECRETS of kickoff serve?`;
  }
  return `answered ${code}. Does PUBLIC_URL lead to kickoff serve?`;
}
