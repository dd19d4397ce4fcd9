import type { Logger } from 'pino';
import type { Config } from '../config/index.ts';
import type { ConsoleContext, SandboxControl } from '../console/index.ts';
import type { SkipUpClient } from '../skipup/index.ts';
import { assemblyPolicyOf, type Services, temporalNamespaceUrl } from './services.ts';
import { SKIPUP_WEBHOOK_PATH } from './skipup-endpoint.ts';

export interface ConsoleParts {
  config: Config;
  services: Services;
  logger: Logger;
  relay: { wake(): void };
  /** Undefined where there is no key. */
  skipup?: SkipUpClient | undefined;
  /** Only in `kickoff dev`. */
  sandbox?: SandboxControl | undefined;
}

/** What the console stands on, out of the configuration and what runs. */
export function consoleContextOf({ config, services, logger, relay, skipup, sandbox }: ConsoleParts): ConsoleContext {
  const workstreams = Object.keys(config.workstreams);
  return {
    database: services.database,
    client: services.temporal.client,
    access: {
      readOnly: false,
      sessionHours: 12,
      idleHours: 2,
      secureCookies: config.server.publicUrl?.startsWith('https:') ?? false,
    },
    logger,
    temporalUi: temporalNamespaceUrl(config),
    crms: Object.keys(services.crms),
    workstreams,
    assembly: new Map([
      ['', assemblyPolicyOf(config)],
      ...workstreams.map((name) => [name, assemblyPolicyOf(config, name)] as const),
    ]),
    hasRecovery: config.recovery !== undefined,
    relay,
    skipup,
    skipupWebhookUrl: webhookUrlOf(config),
    sandbox,
    now: () => new Date(),
  };
}

function webhookUrlOf({ server }: Config): string | undefined {
  return server.publicUrl === undefined ? undefined : `${server.publicUrl.replace(/\/+$/, '')}${SKIPUP_WEBHOOK_PATH}`;
}
