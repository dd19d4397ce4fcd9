import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type Config, loadConfig, type VirtualClock } from '../config/index.ts';
import { newSignInLink } from '../console/index.ts';
import { countStakeholders } from '../registry/index.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../sandbox/index.ts';
import { freePort, resolveTemporalServer, startDevServer } from '../temporal/index.ts';
import { createWorkers, installRuntime } from '../worker/index.ts';
import { consoleSandbox, createChanges } from './console-sandbox.ts';
import { type DevSecrets, readDevSecrets } from './dev-secrets.ts';
import { CliError } from './errors.ts';
import { exampleFile } from './example-files.ts';
import { importRegistryFile } from './import-registry.ts';
import type { OnLiveEvent } from './live-event.ts';
import { openDatabaseOf } from './open-database.ts';
import { ownKindsOf } from './own-kinds.ts';
import type { Progress } from './progress.ts';
import { serve } from './serve.ts';
import { activitiesOf, openServices, type Services, skipupClientOf } from './services.ts';
import { followSkipUpEndpoint } from './skipup-endpoint.ts';
import type { Teardown } from './teardown.ts';
import { userName } from './user-name.ts';

export interface StackOptions {
  env: Record<string, string | undefined>;
  cwd: string;
  /** Where everything that must survive a restart is kept. */
  dataDir: string;
  /** Absent: `kickoff.config.yaml` if there is one, else the example's. */
  configFile?: string | undefined;
  /** 0: any free one. */
  ports: { serve: number; sandbox: number; temporal: number; temporalUi: number };
  /** Makes days pass in seconds, in the sandbox and in the kickoffs alike. Called when what takes long is up. */
  clock?: (() => VirtualClock) | undefined;
  seed?: string | undefined;
  /** How the people in the sandbox answer. */
  fixture?: SandboxOptions['fixture'];
  logger: Logger;
  progress: Progress;
  teardown: Teardown;
  signal: AbortSignal;
  onEvent?: OnLiveEvent | undefined;
  /** Shows a one-time link to the console to whoever sits at this terminal. */
  showLink?: ((link: string) => void) | undefined;
}

/** Everything that runs, and where. */
export interface Stack {
  config: Config;
  services: Services;
  sandbox: Sandbox;
  serveUrl: string;
  /** The console, with a link that signs in an operator, once. */
  consoleLink: string;
  temporalUi: string | undefined;
  secrets: DevSecrets;
  /** Rejects when the worker dies; never settles otherwise. */
  failed: Promise<never>;
}

/**
 * Brings up everything in one process: Temporal's dev server beside it, database, sandbox, receivers, relay, worker.
 * What has been started is in `teardown`, also when this throws.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { progress, teardown, logger, dataDir, signal, onEvent } = options;
  const read = loadConfig({ env: options.env, cwd: options.cwd, configFile: configFileOf(options) });
  const ownKinds = await ownKindsOf(read, options.cwd);
  const base = { ...read, dataDir };
  const temporal = await startTemporal(base, options);
  signal.throwIfAborted();
  const database = await progress.stage(
    'Database',
    () => openDatabaseOf(base, logger),
    ({ kind }) => (kind === 'pglite' ? `PostgreSQL, embedded, in ${dataDir}` : 'PostgreSQL'),
  );
  teardown.defer('the database', () => database.close());
  signal.throwIfAborted();

  const secrets = readDevSecrets(join(dataDir, 'secrets.json'));
  const clock = options.clock?.();
  const servePort = options.ports.serve === 0 ? await freePort('127.0.0.1') : options.ports.serve;
  const publicUrl = `http://127.0.0.1:${servePort}`;
  const changes = createChanges();
  const sandbox = await progress.stage(
    'Sandbox: SkipUp, CRM, Slack',
    () =>
      startSandbox({
        port: options.ports.sandbox,
        ...(clock === undefined ? {} : { clock }),
        ...(options.seed === undefined ? {} : { seed: options.seed }),
        ...(options.fixture === undefined ? {} : { fixture: options.fixture }),
        stateFile: join(dataDir, 'sandbox.json'),
        apiKey: secrets.skipupApiKey,
        webhookSecret: secrets.skipupWebhook,
        hubspot: {
          clientSecret: secrets.hubspotClientSecret,
          accessToken: secrets.hubspotAccessToken,
          webhookUrl: `${publicUrl}/triggers/hubspot`,
        },
        logger,
        onEvent: (event) => {
          onEvent?.({ room: 'sandbox', event });
          changes.notify();
        },
      }),
    ({ url }) => url,
  );
  teardown.defer('the sandbox', () => sandbox.close());

  const config = embedded(base, { temporal, sandbox, secrets, publicUrl });
  const services = await openServices({ config, logger, clock, database });
  teardown.defer('the services', () => services.close());
  if ((await countStakeholders(database.db)) === 0) {
    await importRegistryFile(database, exampleFile('registry.yaml'));
  }

  const skipup = skipupClientOf(config, logger);
  teardown.defer('the SkipUp client', () => skipup.close());
  const serveUrl = await progress.stage(
    'Receivers, relay, console',
    () =>
      serve({
        config,
        services,
        logger,
        teardown,
        port: servePort,
        skipupSecrets: [secrets.skipupWebhook],
        withConsole: true,
        skipup,
        sandbox: consoleSandbox({ url: sandbox.url, changes, signal }),
        showLink: options.showLink,
        onEvent: (event) => onEvent?.({ room: 'triggers', event }),
      }),
    (url) => url,
  );
  await followSkipUpEndpoint(skipup, `${serveUrl}/webhooks/skipup`);
  signal.throwIfAborted();

  const running = await progress.stage('Worker', async () => {
    installRuntime({ logger });
    const activities = activitiesOf(services, {
      config,
      skipup,
      ownKinds,
      onEvent: (event) => onEvent?.({ room: 'activities', event }),
    });
    const workers = await createWorkers({ config, logger, activities });
    const ended = workers.run();
    teardown.defer('the worker', async () => {
      workers.shutdown();
      await ended;
    });
    return { ended };
  });
  const { url: consoleLink } = await newSignInLink(database.db, {
    name: userName(),
    role: 'operator',
    publicUrl: serveUrl,
    now: new Date(),
  });
  const failed = running.ended.then((): never => {
    throw new CliError('The worker has stopped.');
  });
  // Whoever waits for it hears of it; nobody else need.
  failed.catch(() => undefined);
  return {
    config,
    services,
    sandbox,
    serveUrl,
    consoleLink,
    temporalUi: temporal.uiUrl,
    secrets,
    failed,
  };
}

function configFileOf({ configFile, env, cwd }: StackOptions): string | undefined {
  if (configFile !== undefined) return configFile;
  const own = env.KICKOFF_CONFIG ?? 'kickoff.config.yaml';
  return existsSync(join(cwd, own)) || env.KICKOFF_CONFIG !== undefined ? own : exampleFile('kickoff.config.yaml');
}

interface EmbeddedTemporal {
  address: string;
  namespace: string;
  uiUrl: string | undefined;
}

async function startTemporal(base: Config, options: StackOptions): Promise<EmbeddedTemporal> {
  const { progress, teardown, dataDir, signal, ports } = options;
  const server = await progress.stage(
    'Temporal server: looking for one',
    (say) =>
      resolveTemporalServer({
        env: options.env,
        cacheDir: base.cacheDir,
        signal,
        onProgress: ({ message, done, total }) =>
          say(done === undefined ? message : `${message} ${done} of about ${total}`),
      }),
    (found) => (found.kind === 'remote' ? `${found.address} (TEMPORAL_ADDRESS)` : `${found.version} (${found.from})`),
  );
  if (server.kind === 'remote') {
    return { address: server.address, namespace: base.temporal.namespace, uiUrl: base.temporalUiUrl };
  }
  return await progress.stage(
    'Temporal server: starting',
    async () => {
      const running = await startDevServer({
        binary: server.path,
        dataFile: join(dataDir, 'temporal.db'),
        logFile: join(dataDir, 'temporal.log'),
        port: ports.temporal,
        uiPort: ports.temporalUi,
        env: options.env,
        signal,
      });
      teardown.defer('Temporal', () => running.stop());
      return running;
    },
    ({ address, uiUrl }) => `${address}${uiUrl === undefined ? '' : `, UI ${uiUrl}`}`,
  );
}

/** The configuration as it was read, with the embedded parts in the places of the outside ones. */
function embedded(
  base: Config,
  parts: {
    temporal: EmbeddedTemporal;
    sandbox: Sandbox;
    secrets: DevSecrets;
    publicUrl: string;
  },
): Config<'SKIPUP_API_KEY'> {
  const { temporal, sandbox, secrets } = parts;
  const { hubspot, generic } = base.crm;
  const temporalConfig =
    base.temporal.explicit && base.temporal.address === temporal.address
      ? base.temporal
      : {
          ...base.temporal,
          address: temporal.address,
          namespace: temporal.namespace,
          connectionOptions: { address: temporal.address },
        };
  return {
    ...base,
    temporal: temporalConfig,
    ...(temporal.uiUrl === undefined ? {} : { temporalUiUrl: temporal.uiUrl }),
    skipup: { ...base.skipup, baseUrl: sandbox.apiBaseUrl, apiKey: secrets.skipupApiKey },
    slack: {
      webhookUrl: sandbox.slackWebhookUrl,
      baseUrl: sandbox.slackBaseUrl,
      botToken: sandbox.slackBotToken,
    },
    server: { ...base.server, host: '127.0.0.1', publicUrl: parts.publicUrl },
    forms: { secrets: [secrets.formTrigger], tokens: [] },
    crm: {
      ...base.crm,
      ...(hubspot && {
        hubspot: {
          ...hubspot,
          baseUrl: sandbox.hubspotBaseUrl,
          clientSecret: secrets.hubspotClientSecret,
          accessToken: secrets.hubspotAccessToken,
        },
      }),
      ...(generic && { generic: { ...generic, secrets: [secrets.dealTrigger], tokens: [] } }),
    },
  };
}
