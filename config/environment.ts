import { z } from 'zod';

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
  .transform((url) => url.replace(/\/+$/, ''));
const port = z.coerce.number({ error: 'must be a port' }).int('must be a port').min(0).max(65_535, 'must be a port');
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Kickoff's own variables. An empty value counts as not set, because that is how compose files pass what is absent. */
export const environmentSchema = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres:// or postgresql://')
    .optional()
    .describe('PostgreSQL. Without it an embedded database in the data folder is used.'),
  SKIPUP_BASE_URL: httpUrl.default('https://api.skipup.ai/api/v1').describe('SkipUp’s API.'),
  SKIPUP_API_KEY: z
    .string()
    .regex(/^sk_\S+$/, 'must begin with sk_')
    .optional()
    .describe('The key with which SkipUp is called (meeting_requests, members.read, webhooks).'),
  SKIPUP_WEBHOOK_SECRETS: list
    .default([])
    .describe('Signing secrets of the SkipUp webhook endpoint, comma-separated; several during a rotation.'),
  HUBSPOT_CLIENT_SECRET: z.string().min(1).optional().describe('Verifies HubSpot’s signatures.'),
  HUBSPOT_ACCESS_TOKEN: z.string().min(1).optional().describe('Reads and writes deals in HubSpot.'),
  SALESFORCE_TRIGGER_TOKENS: list
    .default([])
    .describe('Secret ends of /triggers/salesforce/<token>, comma-separated; several while one is being replaced.'),
  SALESFORCE_CLIENT_ID: z.string().min(1).optional().describe('Consumer key of the Salesforce app that reads deals.'),
  SALESFORCE_CLIENT_SECRET: z.string().min(1).optional().describe('Its consumer secret (client credentials flow).'),
  PIPEDRIVE_WEBHOOK_USER: z.string().min(1).optional().describe('HTTP user of the Pipedrive webhook.'),
  PIPEDRIVE_WEBHOOK_PASSWORD: z.string().min(1).optional().describe('HTTP password of the Pipedrive webhook.'),
  PIPEDRIVE_API_TOKEN: z.string().min(1).optional().describe('Reads and writes deals in Pipedrive.'),
  DEAL_TRIGGER_SECRETS: list.default([]).describe('Signing secrets for POST /triggers/deal, comma-separated.'),
  DEAL_TRIGGER_TOKENS: list.default([]).describe('Bearer tokens for POST /triggers/deal, comma-separated.'),
  SLACK_WEBHOOK_URL: httpUrl.optional().describe('Incoming webhook that `slack` steps post to.'),
  SLACK_BOT_TOKEN: z.string().min(1).optional().describe('Bot token (chat:write) that `slack_message` steps use.'),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, 'must begin with smtp:// or smtps://')
    .optional()
    .describe('Mail server of `email` steps: smtps://user:password@host.'),
  LINEAR_API_KEY: z.string().min(1).optional().describe('Key that `linear_project` steps use.'),
  STEP_SIGNING_SECRETS: list
    .default([])
    .describe('Secrets with which `http` steps are signed, comma-separated; during a rotation every one signs.'),
  FORM_TRIGGER_SECRETS: list.default([]).describe('Signing secrets for POST /triggers/form, comma-separated.'),
  FORM_TRIGGER_TOKENS: list.default([]).describe('Bearer tokens for POST /triggers/form, comma-separated.'),
  CONSOLE_OIDC_CLIENT_SECRET: z
    .string()
    .min(1)
    .optional()
    .describe('Secret of the client that console.oidc names at the identity provider.'),
  PUBLIC_URL: httpUrl
    .optional()
    .describe('Address under which the receivers are reached; part of HubSpot’s signature.'),
  PORT: port.default(3000).describe('Port of the receivers; 0 = any free one.'),
  KICKOFF_HOST: z.string().min(1).max(255).optional().describe('Address to listen on; before server.host.'),
  KICKOFF_SANDBOX_PORT: port.optional().describe('Port of the sandbox; 0 = any free one.'),
  KICKOFF_TEMPORAL_PORT: port.optional().describe('Port of the embedded Temporal; 0 = any free one.'),
  KICKOFF_TEMPORAL_UI_PORT: port.optional().describe('Port of the embedded Temporal’s UI; 0 = any free one.'),
  KICKOFF_CONFIG: z.string().optional().describe('Path of the configuration file.'),
  KICKOFF_DATA_DIR: z.string().default('.kickoff').describe('Folder of the embedded databases.'),
  KICKOFF_CACHE_DIR: z.string().optional().describe('Folder in which the Temporal server is kept.'),
  LOG_LEVEL: z
    .enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`)
    .default('info')
    .describe('What is logged.'),
});
export type Environment = z.infer<typeof environmentSchema>;
type VariableName = keyof Environment;

/** Values that never appear in a message, a log line or a configuration file. */
const SECRET_VARIABLES = [
  'DATABASE_URL',
  'SKIPUP_API_KEY',
  'SKIPUP_WEBHOOK_SECRETS',
  'HUBSPOT_CLIENT_SECRET',
  'HUBSPOT_ACCESS_TOKEN',
  'SALESFORCE_TRIGGER_TOKENS',
  'SALESFORCE_CLIENT_SECRET',
  'PIPEDRIVE_WEBHOOK_PASSWORD',
  'PIPEDRIVE_API_TOKEN',
  'DEAL_TRIGGER_SECRETS',
  'DEAL_TRIGGER_TOKENS',
  'SLACK_WEBHOOK_URL',
  'SLACK_BOT_TOKEN',
  'SMTP_URL',
  'LINEAR_API_KEY',
  'STEP_SIGNING_SECRETS',
  'FORM_TRIGGER_SECRETS',
  'FORM_TRIGGER_TOKENS',
  'CONSOLE_OIDC_CLIENT_SECRET',
] as const satisfies readonly VariableName[];

/** Temporal's own variables, read by `@temporalio/envconfig`. Source: Temporal's environment configuration. */
const TEMPORAL_VARIABLES = [
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_API_KEY',
  'TEMPORAL_PROFILE',
  'TEMPORAL_CONFIG_FILE',
  'TEMPORAL_TLS',
  'TEMPORAL_TLS_CLIENT_CERT_PATH',
  'TEMPORAL_TLS_CLIENT_CERT_DATA',
  'TEMPORAL_TLS_CLIENT_KEY_PATH',
  'TEMPORAL_TLS_CLIENT_KEY_DATA',
  'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  'TEMPORAL_TLS_SERVER_CA_CERT_DATA',
  'TEMPORAL_TLS_SERVER_NAME',
] as const;

/** Every variable that Kickoff reads, with what it is for. For `--help` and for checks of deployments. */
export function knownVariables(): { name: string; about: string; secret: boolean }[] {
  const secrets: readonly string[] = SECRET_VARIABLES;
  const own = Object.entries(environmentSchema.shape).map(([name, schema]) => ({
    name,
    about: schema.description ?? '',
    secret: secrets.includes(name),
  }));
  const temporal = TEMPORAL_VARIABLES.map((name) => ({
    name,
    about: 'Temporal’s own environment configuration.',
    secret: name.includes('KEY'),
  }));
  const ofHeaders = {
    name: 'STEP_HEADER_*',
    about: 'What `http` steps send as secretHeaders, one each.',
    secret: true,
  };
  return [...own, ofHeaders, ...temporal];
}

/** Drops what is set to nothing. */
export function withoutEmpty(env: Record<string, string | undefined>): Record<string, string> {
  const present: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value.trim() !== '') present[name] = value;
  }
  return present;
}
