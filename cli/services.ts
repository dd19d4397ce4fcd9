import type { Logger } from 'pino';
import {
  type Activities,
  type ActivityEvent,
  createActivities,
  type KnownWorkstreams,
  type OwnStepKind,
} from '../activities/index.ts';
import {
  assemblyOf,
  type Config,
  ownOptions,
  policyOf,
  type VirtualClock,
  workstreamsWithDeal,
} from '../config/index.ts';
import { type Crm, type CrmName, createCrms } from '../crm/index.ts';
import type { Database } from '../database/index.ts';
import { type AssemblyPolicy, defaultAssemblyPolicy } from '../registry/index.ts';
import { SkipUpClient } from '../skipup/index.ts';
import {
  connect,
  handOverStarter,
  kickoffStarter,
  recoveryStarter,
  type StartHandOver,
  type StartKickoff,
  type StartRecovery,
  type TemporalClient,
} from '../temporal/index.ts';
import { openDatabaseOf } from './open-database.ts';
import { Teardown } from './teardown.ts';

/** What serve and worker both stand on. */
export interface Services {
  database: Database;
  temporal: TemporalClient;
  crms: Partial<Record<CrmName, Crm>>;
  startKickoff: StartKickoff;
  /** Undefined: leads are not recovered here. */
  startRecovery: StartRecovery | undefined;
  startHandOver: StartHandOver;
  close(): Promise<void>;
}

export interface ServiceOptions {
  config: Config;
  logger: Logger;
  /** Open already; it is closed with the services. */
  database?: Database | undefined;
  /** Only in demonstrations and tests. */
  clock?: VirtualClock | undefined;
}

/**
 * Opens the database (and brings its tables up to date), connects to Temporal, sets up the CRMs.
 *
 * @throws DatabaseError, TemporalError: one line that says what to do; nothing is left open then
 */
export async function openServices({ config, logger, clock, ...given }: ServiceOptions): Promise<Services> {
  const teardown = new Teardown();
  try {
    const database = given.database ?? (await openDatabaseOf(config, logger));
    teardown.defer('the database', () => database.close());
    const temporal = await connect(config.temporal);
    teardown.defer('the connection to Temporal', () => temporal.close());
    const { client } = temporal;
    const { kickoff: policy, workstreams } = config;
    const startKickoff = kickoffStarter({ client, database, policy, workstreams, clock });
    const startRecovery = config.recovery && recoveryStarter({ client, database, policy: config.recovery, clock });
    const startHandOver = handOverStarter({ client, policy });
    const starters = { startKickoff, startRecovery, startHandOver };
    return { database, temporal, crms: crmsOf(config), ...starters, close: () => teardown.run() };
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

export function crmsOf(config: Config): Partial<Record<CrmName, Crm>> {
  const { hubspot, salesforce, pipedrive, generic } = config.crm;
  return createCrms({
    ...(hubspot && {
      hubspot: {
        clientSecret: hubspot.clientSecret,
        accessToken: hubspot.accessToken,
        publicUrl: config.server.publicUrl,
        signatureVersions: hubspot.signatures,
        baseUrl: hubspot.baseUrl,
        apiVersion: hubspot.apiVersion,
        statusProperty: hubspot.statusProperty,
        leadStatusProperty: hubspot.leadStatusProperty,
        pipelines: hubspot.pipelines,
        portalId: hubspot.portalId,
      },
    }),
    ...(salesforce && { salesforce }),
    ...(pipedrive && { pipedrive }),
    ...(generic && {
      generic: { secrets: generic.secrets, tokens: generic.tokens, writeBackUrl: generic.writeBackUrl },
    }),
  });
}

export function skipupClientOf(config: Config<'SKIPUP_API_KEY'>, logger?: Logger): SkipUpClient {
  const { baseUrl, apiKey } = config.skipup;
  return new SkipUpClient({
    apiKey,
    baseUrl,
    // Temporal repeats what failed, and shows that it does.
    retry: { maxAttempts: 1 },
    ...(logger && { onDrift: (drift) => logger.warn(drift, 'SkipUp answers otherwise than it documents') }),
  });
}

/** The activities over the services. The caller closes `skipup`. */
export function activitiesOf(
  services: Services,
  options: {
    config: Config;
    skipup: SkipUpClient;
    ownKinds: ReadonlyMap<string, OwnStepKind>;
    onEvent?: ((event: ActivityEvent) => void) | undefined;
  },
): Activities {
  const { config, skipup, ownKinds, onEvent } = options;
  return createActivities({
    database: services.database,
    crms: services.crms,
    client: skipup,
    startKickoff: services.startKickoff,
    assembly: assemblyPolicyOf(config),
    policy: config.kickoff,
    workflows: services.temporal.client.workflow,
    mail: config.mail,
    workstreams: workstreamRulesOf(config),
    workstreamsOf: (deal) => workstreamsWithDeal(config.workstreams, deal),
    slackWebhookUrl: config.slack.webhookUrl,
    linear: config.linear,
    stepCalls: config.stepCalls,
    slackBotToken: config.slack.botToken,
    slackBaseUrl: config.slack.baseUrl,
    smtpUrl: config.mail.smtpUrl,
    mailFrom: config.mail.from,
    ownKinds,
    secrets: config.secrets,
    temporalUiUrl: temporalNamespaceUrl(config),
    publicUrl: config.server.publicUrl,
    requestsPerMinute: config.skipup.requestsPerMinute,
    sweepRequestsPerMinute: config.sweep.requestsPerMinute,
    backfill: config.backfill,
    startRecovery: services.startRecovery,
    catchUpOverlapMinutes: config.catchUp.overlapMinutes,
    onEvent,
  });
}

/** Where the Temporal UI shows this namespace; undefined when no UI is configured. */
export function temporalNamespaceUrl(config: Config): string | undefined {
  const ui = config.temporalUiUrl;
  return ui === undefined ? undefined : `${ui}/namespaces/${config.temporal.namespace}`;
}

/** What counts for each configured workstream. */
function workstreamRulesOf(config: Config): KnownWorkstreams {
  return new Map(
    Object.keys(config.workstreams).map((name) => [
      name,
      { policy: policyOf(config, name), assembly: assemblyPolicyOf(config, name), inWords: rulesInWords(config, name) },
    ]),
  );
}

/** What a workstream does otherwise than the main kickoff. */
export function rulesInWords(config: Config, workstream: string): string {
  const own = ownOptions(config.workstreams, workstream);
  const rules = own.length === 0 ? "the main kickoff's rules" : `${own.join(', ')} of its own, else the main kickoff's`;
  return `Workstream ${workstream}: ${rules}.`;
}

/** Who is invited to the main kickoff, or to a workstream's. */
export function assemblyPolicyOf(config: Config, workstream?: string): AssemblyPolicy {
  const { labels, ...rules } = assemblyOf(config, workstream);
  return { ...rules, roleOfLabel: { ...defaultAssemblyPolicy.roleOfLabel, ...labels } };
}
