import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { type Config, workstreamsWithDeal } from '../config/index.ts';
import { consolePages, type SandboxControl } from '../console/index.ts';
import type { SkipUpClient } from '../skipup/index.ts';
import { createRelay, createTriggerServer, listen, type OnTriggerEvent } from '../triggers/index.ts';
import { consoleContextOf } from './console-context.ts';
import type { Services } from './services.ts';
import type { Teardown } from './teardown.ts';

export interface ServeOptions {
  config: Config;
  services: Services;
  logger: Logger;
  teardown: Teardown;
  /** 0: any free one. */
  port: number;
  skipupSecrets: readonly string[];
  /** Whether the console is served at `/`. */
  withConsole: boolean;
  /** SkipUp, where the console can ask it. */
  skipup?: SkipUpClient | undefined;
  /** Only in `kickoff dev`: shows a one-time link to the console in the terminal. */
  showLink?: ((link: string) => void) | undefined;
  /** Only in `kickoff dev`. */
  sandbox?: SandboxControl | undefined;
  onEvent?: OnTriggerEvent | undefined;
}

/**
 * Starts receivers and relay.
 *
 * @returns the URL under which the receivers answer
 * @throws ListenError
 */
export async function serve(options: ServeOptions): Promise<string> {
  const { config, services, logger, teardown, onEvent } = options;
  const { database, temporal, crms } = services;
  const metrics = new Registry();
  const relay = createRelay({
    database,
    client: temporal.client,
    crms,
    startKickoff: services.startKickoff,
    startRecovery: services.startRecovery,
    startHandOver: services.startHandOver,
    workstreamsOf: (deal) => workstreamsWithDeal(config.workstreams, deal),
    logger,
    metrics,
    pollMs: config.inbox.pollMs,
    unmatchedHoldMs: config.inbox.unmatchedHoldHours * 3_600_000,
    ...(onEvent && { onEvent }),
  });
  const server = await createTriggerServer({
    database,
    crms,
    skipup: { secrets: options.skipupSecrets, tolerance: config.skipup.tolerance },
    ...(config.recovery && { forms: config.forms }),
    isTemporalReachable: async () => {
      await temporal.connection.withDeadline(Date.now() + 2_000, () => temporal.connection.healthService.check({}));
    },
    relay,
    logger,
    metrics,
    limits: { bodyBytes: config.server.bodyBytes, requestMs: config.server.requestMs },
    plugins: options.withConsole
      ? [
          consolePages(
            consoleContextOf({
              config,
              services,
              logger,
              relay,
              skipup: options.skipup,
              showLink: options.showLink,
              sandbox: options.sandbox,
            }),
          ),
        ]
      : [],
    ...(onEvent && { onEvent }),
  });
  teardown.defer('the receivers', () => server.close());
  const url = await listen(server, { host: config.server.host, port: options.port });
  relay.start();
  teardown.defer('the relay', () => relay.stop());
  return url;
}
