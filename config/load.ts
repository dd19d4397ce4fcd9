import { resolve } from 'node:path';
import envPaths from 'env-paths';
import { faultsOfBackfills } from './backfills.ts';
import { type Environment, environmentSchema, type LogLevel, withoutEmpty } from './environment.ts';
import { ConfigError, type Fault } from './errors.ts';
import { faultsOfEnvironment, faultsOfFile, secretsInFile } from './faults.ts';
import { readConfigFile } from './file.ts';
import { missingVariables, type Requirement } from './requirements.ts';
import { type FileConfig, fileSchema } from './schema.ts';
import { faultsOfHeaderVariables, headerVariables, secretsOfHeader } from './step-secrets.ts';
import { faultsOfKickoffSteps, faultsOfSteps } from './steps.ts';
import { type TemporalConfig, temporalConfig } from './temporal.ts';
import { faultsOfWorkstreams } from './workstream-faults.ts';

/** Everything Kickoff is told from outside, checked. */
interface LoadedConfig
  extends Omit<FileConfig, 'skipup' | 'crm' | 'server' | 'slack' | 'mail' | 'linear' | 'stepCalls' | 'console'> {
  skipup: FileConfig['skipup'] & { baseUrl: string; apiKey: string | undefined; webhookSecrets: string[] };
  crm: {
    hubspot?: NonNullable<FileConfig['crm']['hubspot']> & {
      clientSecret: string | undefined;
      accessToken: string | undefined;
    };
    salesforce?: NonNullable<FileConfig['crm']['salesforce']> & {
      triggerTokens: string[];
      clientId: string | undefined;
      clientSecret: string | undefined;
    };
    pipedrive?: NonNullable<FileConfig['crm']['pipedrive']> & {
      webhookUser: string | undefined;
      webhookPassword: string | undefined;
      apiToken: string | undefined;
    };
    generic?: NonNullable<FileConfig['crm']['generic']> & { secrets: string[]; tokens: string[] };
  };
  /** `publicUrl` has no slash at its end. */
  server: FileConfig['server'] & { port: number; publicUrl: string | undefined };
  database: { url: string | undefined };
  console: FileConfig['console'] & { oidcClientSecret: string | undefined };
  slack: FileConfig['slack'] & { webhookUrl: string | undefined; botToken: string | undefined };
  mail: FileConfig['mail'] & { smtpUrl: string | undefined };
  linear: FileConfig['linear'] & { apiKey: string | undefined };
  /** `headerValues`: of secret headers, by the variable's name. */
  stepCalls: FileConfig['stepCalls'] & { signingSecrets: string[]; headerValues: Record<string, string> };
  /** How `POST /triggers/form` is verified. */
  forms: { secrets: string[]; tokens: string[] };
  temporal: TemporalConfig;
  /** Ports of the embedded parts, where given. */
  ports: { sandbox: number | undefined; temporal: number | undefined; temporalUi: number | undefined };
  /** Absolute. */
  dataDir: string;
  /** Absolute. */
  cacheDir: string;
  logLevel: LogLevel;
  /** The configuration file that was read, if any. */
  file: string | undefined;
  /** Every secret's value, for the logger to blot out. */
  secrets: string[];
}

type Sure<R extends Requirement, Name extends Requirement> = Name extends R ? string : string | undefined;

/**
 * The configuration. `R` names the variables that are certainly set, so that a command that requires one gets it without
 * asking again.
 */
export type Config<R extends Requirement = never> = LoadedConfig & {
  skipup: { apiKey: Sure<R, 'SKIPUP_API_KEY'> };
  server: { publicUrl: Sure<R, 'PUBLIC_URL'> };
  database: { url: Sure<R, 'DATABASE_URL'> };
};

export interface LoadOptions<R extends Requirement> {
  env: Record<string, string | undefined>;
  cwd: string;
  /** Before `KICKOFF_CONFIG` and the default names. */
  configFile?: string | undefined;
  /** Variables that the command cannot do without; see {@link Requirement}. */
  require?: readonly R[];
}

/**
 * Reads environment and `kickoff.config.yaml`.
 *
 * @throws ConfigError with every fault of both at once; the command line exits with 2
 */
export function loadConfig<const R extends Requirement = never>(options: LoadOptions<R>): Config<R>;
export function loadConfig(options: LoadOptions<Requirement>): LoadedConfig {
  const env = withoutEmpty(options.env);
  const faults: Fault[] = [];

  const file = readConfigFile(options.cwd, options.configFile ?? env.KICKOFF_CONFIG);
  faults.push(...file.faults, ...secretsInFile(file.content, file.lineOf));
  const parsedFile = fileSchema.safeParse(file.content);
  if (!parsedFile.success) faults.push(...faultsOfFile(parsedFile.error.issues, file.lineOf));
  else {
    faults.push(...faultsOfSteps(parsedFile.data, file.lineOf));
    faults.push(...faultsOfWorkstreams(parsedFile.data, file.lineOf, faultsOfKickoffSteps));
    faults.push(...faultsOfBackfills(parsedFile.data, file.lineOf));
  }

  const parsedEnv = environmentSchema.safeParse(env);
  if (!parsedEnv.success) faults.push(...faultsOfEnvironment(parsedEnv.error.issues));
  faults.push(...faultsOfHeaderVariables(env));
  faults.push(...missingVariables(options.require ?? [], env, parsedFile.data));

  const temporal = readTemporal(env, faults);
  if (faults.length > 0 || !parsedFile.success || !parsedEnv.success || temporal === undefined) {
    throw new ConfigError('faults', faults, file.name === undefined ? {} : { file: file.name });
  }
  return assemble(parsedFile.data, parsedEnv.data, temporal, { cwd: options.cwd, file: file.name, env });
}

function readTemporal(env: Record<string, string>, faults: Fault[]): TemporalConfig | undefined {
  try {
    return temporalConfig(env);
  } catch (error) {
    faults.push({ path: 'TEMPORAL_*', message: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

function assemble(
  file: FileConfig,
  env: Environment,
  temporal: TemporalConfig,
  context: { cwd: string; file: string | undefined; env: Record<string, string> },
): LoadedConfig {
  const { hubspot, salesforce, pipedrive, generic } = file.crm;
  return {
    ...file,
    skipup: {
      ...file.skipup,
      baseUrl: env.SKIPUP_BASE_URL,
      apiKey: env.SKIPUP_API_KEY,
      webhookSecrets: env.SKIPUP_WEBHOOK_SECRETS,
    },
    crm: {
      ...(hubspot === undefined
        ? {}
        : {
            hubspot: {
              ...hubspot,
              clientSecret: env.HUBSPOT_CLIENT_SECRET,
              accessToken: env.HUBSPOT_ACCESS_TOKEN,
            },
          }),
      ...(salesforce && {
        salesforce: {
          ...salesforce,
          triggerTokens: env.SALESFORCE_TRIGGER_TOKENS,
          clientId: env.SALESFORCE_CLIENT_ID,
          clientSecret: env.SALESFORCE_CLIENT_SECRET,
        },
      }),
      ...(pipedrive && {
        pipedrive: {
          ...pipedrive,
          webhookUser: env.PIPEDRIVE_WEBHOOK_USER,
          webhookPassword: env.PIPEDRIVE_WEBHOOK_PASSWORD,
          apiToken: env.PIPEDRIVE_API_TOKEN,
        },
      }),
      ...(generic === undefined
        ? {}
        : { generic: { ...generic, secrets: env.DEAL_TRIGGER_SECRETS, tokens: env.DEAL_TRIGGER_TOKENS } }),
    },
    server: {
      ...file.server,
      host: env.KICKOFF_HOST ?? file.server.host,
      port: env.PORT,
      publicUrl: env.PUBLIC_URL,
    },
    database: { url: env.DATABASE_URL },
    console: { ...file.console, oidcClientSecret: env.CONSOLE_OIDC_CLIENT_SECRET },
    slack: { ...file.slack, webhookUrl: env.SLACK_WEBHOOK_URL, botToken: env.SLACK_BOT_TOKEN },
    mail: { ...file.mail, smtpUrl: env.SMTP_URL },
    linear: { ...file.linear, apiKey: env.LINEAR_API_KEY },
    stepCalls: {
      ...file.stepCalls,
      signingSecrets: env.STEP_SIGNING_SECRETS,
      headerValues: headerVariables(context.env),
    },
    forms: { secrets: env.FORM_TRIGGER_SECRETS, tokens: env.FORM_TRIGGER_TOKENS },
    temporal,
    ports: {
      sandbox: env.KICKOFF_SANDBOX_PORT,
      temporal: env.KICKOFF_TEMPORAL_PORT,
      temporalUi: env.KICKOFF_TEMPORAL_UI_PORT,
    },
    dataDir: resolve(context.cwd, env.KICKOFF_DATA_DIR),
    cacheDir: resolve(context.cwd, env.KICKOFF_CACHE_DIR ?? envPaths('kickoff', { suffix: '' }).cache),
    logLevel: env.LOG_LEVEL,
    file: context.file,
    secrets: secretValues(env, context.env),
  };
}

function secretValues(env: Environment, raw: Record<string, string>): string[] {
  const values = [
    env.SKIPUP_API_KEY,
    ...env.SKIPUP_WEBHOOK_SECRETS,
    env.HUBSPOT_CLIENT_SECRET,
    env.HUBSPOT_ACCESS_TOKEN,
    ...env.SALESFORCE_TRIGGER_TOKENS,
    env.SALESFORCE_CLIENT_SECRET,
    env.PIPEDRIVE_WEBHOOK_PASSWORD,
    env.PIPEDRIVE_API_TOKEN,
    ...env.DEAL_TRIGGER_SECRETS,
    ...env.DEAL_TRIGGER_TOKENS,
    env.SLACK_WEBHOOK_URL,
    env.SLACK_BOT_TOKEN,
    env.SMTP_URL,
    ...passwordOf(env.SMTP_URL),
    env.LINEAR_API_KEY,
    ...env.STEP_SIGNING_SECRETS,
    ...Object.values(headerVariables(raw)).flatMap(secretsOfHeader),
    ...env.FORM_TRIGGER_SECRETS,
    ...env.FORM_TRIGGER_TOKENS,
    env.CONSOLE_OIDC_CLIENT_SECRET,
    env.DATABASE_URL,
    raw.TEMPORAL_API_KEY,
  ];
  return values.filter((value): value is string => value !== undefined);
}

/** A mail server may repeat the password alone. */
function passwordOf(url: string | undefined): string[] {
  const password = url === undefined || !URL.canParse(url) ? '' : new URL(url).password;
  return password === '' ? [] : [...new Set([password, decoded(password)])];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone % stands for itself.
    return text;
  }
}
