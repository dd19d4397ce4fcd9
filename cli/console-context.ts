import type { Logger } from 'pino';
import type { Config } from '../config/index.ts';
import type { AccessOptions, ConsoleContext, OidcOptions, SandboxControl } from '../console/index.ts';
import type { SkipUpClient } from '../skipup/index.ts';
import { assemblyPolicyOf, type Services, temporalNamespaceUrl } from './services.ts';
import { SKIPUP_WEBHOOK_PATH } from './skipup-endpoint.ts';
import { leadTaker } from './take-up-lead.ts';

export interface ConsoleParts {
  config: Config;
  services: Services;
  logger: Logger;
  relay: { wake(): void };
  /** Undefined where there is no key. */
  skipup?: SkipUpClient | undefined;
  /** Only in `kickoff dev`: shows a one-time link in the terminal. */
  showLink?: ((link: string) => void) | undefined;
  /** Only in `kickoff dev`. */
  sandbox?: SandboxControl | undefined;
}

/** What the console stands on, out of the configuration and what runs. */
export function consoleContextOf(parts: ConsoleParts): ConsoleContext {
  const { config, services, logger, relay, skipup, sandbox } = parts;
  const workstreams = Object.keys(config.workstreams);
  return {
    database: services.database,
    client: services.temporal.client,
    access: accessOf(config, parts.showLink),
    logger,
    temporalUi: temporalNamespaceUrl(config),
    crms: Object.keys(services.crms),
    workstreams,
    assembly: new Map([
      ['', assemblyPolicyOf(config)],
      ...workstreams.map((name) => [name, assemblyPolicyOf(config, name)] as const),
    ]),
    hasRecovery: config.recovery !== undefined,
    takeUpLead: leadTaker(services),
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

/** Who may sign in, as the configuration says. */
function accessOf(config: Config, showLink: ConsoleParts['showLink']): AccessOptions {
  const { readOnly, sessionHours, idleHours } = config.console;
  const { publicUrl } = config.server;
  return {
    readOnly,
    sessionHours,
    idleHours,
    secureCookies: publicUrl?.startsWith('https:') ?? false,
    publicUrl,
    oidc: oidcOf(config),
    showLink,
  };
}

function oidcOf({ console: { oidc, oidcClientSecret }, server: { publicUrl } }: Config): OidcOptions | undefined {
  // `kickoff serve` requires both; `kickoff dev` has links instead.
  if (oidc === undefined || oidcClientSecret === undefined || publicUrl === undefined) return undefined;
  return { ...oidc, clientSecret: oidcClientSecret, redirectUri: `${publicUrl}/sign-in/oidc/callback` };
}
