import { createLogger, loadConfig } from '../../config/index.ts';
import type { CommandContext } from '../command-context.ts';
import { serve as startServing } from '../serve.ts';
import { openServices, skipupClientOf } from '../services.ts';
import { Teardown } from '../teardown.ts';

/** Runs receivers and relay until it is told to end. */
export async function serve(
  { env, cwd, output, signal }: CommandContext,
  options: { config?: string; port?: number; consoleReadOnly?: boolean },
): Promise<void> {
  const read = loadConfig({
    env,
    cwd,
    configFile: options.config,
    require: [
      'SKIPUP_WEBHOOK_SECRETS',
      'PUBLIC_URL',
      'HUBSPOT_CLIENT_SECRET',
      'HUBSPOT_ACCESS_TOKEN',
      'SALESFORCE_TRIGGER_TOKENS',
      'SALESFORCE_CLIENT_ID',
      'SALESFORCE_CLIENT_SECRET',
      'PIPEDRIVE_WEBHOOK_USER',
      'PIPEDRIVE_WEBHOOK_PASSWORD',
      'PIPEDRIVE_API_TOKEN',
      'DEAL_TRIGGER_SECRETS',
      'CONSOLE_OIDC_CLIENT_SECRET',
    ],
  });
  const isReadOnly = read.console.readOnly || options.consoleReadOnly === true;
  const config = { ...read, console: { ...read.console, readOnly: isReadOnly } };
  const logger = createLogger({ level: config.logLevel, secrets: config.secrets });
  const teardown = new Teardown();
  try {
    const services = await openServices({ config, logger });
    teardown.defer('the services', () => services.close());
    const { apiKey } = config.skipup;
    const skipup =
      apiKey === undefined ? undefined : skipupClientOf({ ...config, skipup: { ...config.skipup, apiKey } }, logger);
    teardown.defer('the SkipUp client', async () => await skipup?.close());
    const url = await startServing({
      config,
      services,
      logger,
      teardown,
      port: options.port ?? config.server.port,
      skipupSecrets: config.skipup.webhookSecrets,
      withConsole: config.console.enabled,
      skipup,
    });
    if (config.console.enabled && !isPrivate(config.server.publicUrl)) {
      logger.warn(
        { publicUrl: config.server.publicUrl },
        'the console is reached without TLS: passwords and sessions can be read on their way; put TLS before it and name https:// in PUBLIC_URL',
      );
    }
    output.emit({ type: 'ready', serve: url }, `The receivers answer at ${url}.`);
    if (!signal.aborted) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    }
  } finally {
    await teardown.run();
  }
}

/** What is sent there stays on this machine, or nobody on the way can read it. */
function isPrivate(publicUrl: string): boolean {
  const { protocol, hostname } = new URL(publicUrl);
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}
