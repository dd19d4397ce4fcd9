import type { Fault } from './errors.ts';
import { placedSteps } from './placed-steps.ts';
import type { Step } from './policy.ts';
import type { FileConfig } from './schema.ts';
import { missingHeaderVariables } from './step-secrets.ts';

/** What each variable is needed for, said when it is missing. */
const REASONS = {
  DATABASE_URL: 'is not set; give the address of a PostgreSQL database',
  SKIPUP_API_KEY:
    'is not set; make a key in SkipUp with meeting_requests.read and .write, members.read, webhooks.read and .write',
  SKIPUP_WEBHOOK_SECRETS: 'is not set; it holds the signing secret of your SkipUp webhook endpoint',
  PUBLIC_URL: 'is not set; it is the address under which CRM and SkipUp reach this server',
  HUBSPOT_CLIENT_SECRET:
    'is not set; crm.hubspot is configured and its events are verified with the app’s client secret',
  HUBSPOT_ACCESS_TOKEN: 'is not set; crm.hubspot is configured and deals are read with the app’s access token',
  SALESFORCE_TRIGGER_TOKENS:
    'is not set; crm.salesforce is configured and its outbound messages come to /triggers/salesforce/<token>',
  SALESFORCE_CLIENT_ID:
    'is not set; crm.salesforce is configured and opportunities are read with an app’s consumer key',
  SALESFORCE_CLIENT_SECRET: 'is not set; it is the consumer secret that belongs to SALESFORCE_CLIENT_ID',
  PIPEDRIVE_WEBHOOK_USER:
    'is not set; crm.pipedrive is configured and its webhooks come with an HTTP user and password',
  PIPEDRIVE_WEBHOOK_PASSWORD: 'is not set; crm.pipedrive is configured and its webhooks come with a password',
  PIPEDRIVE_API_TOKEN: 'is not set; crm.pipedrive is configured and deals are read with an API token',
  DEAL_TRIGGER_SECRETS:
    'is not set; crm.generic is configured and its events are verified with it (or set DEAL_TRIGGER_TOKENS)',
  SLACK_WEBHOOK_URL: 'is not set; a slack step is configured',
  SLACK_BOT_TOKEN:
    'is not set; a slack_message step is configured and posts with the bot token of a Slack app (chat:write)',
  SMTP_URL: 'is not set; an email step is configured and sends by smtps://user:password@host',
  LINEAR_API_KEY: 'is not set; a linear_project step is configured and works with an API key',
  CONSOLE_OIDC_CLIENT_SECRET:
    'is not set; console.oidc is configured and the identity provider knows Kickoff by a client secret',
} as const;

/**
 * A variable that a command may require. Those of a CRM count only when that CRM is configured, those of a kind of step
 * only when such a step is; `DEAL_TRIGGER_SECRETS` is also satisfied by `DEAL_TRIGGER_TOKENS`. `STEP_HEADER_*` are all
 * those that steps send as headers.
 */
export type Requirement = keyof typeof REASONS | 'STEP_HEADER_*';

/** One fault for each required variable that is not set. `file` is undefined when the file itself is faulty. */
export function missingVariables(
  required: readonly Requirement[],
  env: Record<string, string>,
  file: FileConfig | undefined,
): Fault[] {
  return required.flatMap((name) => {
    if (name === 'STEP_HEADER_*') return file === undefined ? [] : missingHeaderVariables(env, file);
    return applies(name, file) && !isSet(name, env) ? [{ path: name, message: REASONS[name] }] : [];
  });
}

function isSet(name: Requirement, env: Record<string, string>): boolean {
  if (name === 'DEAL_TRIGGER_SECRETS' && env.DEAL_TRIGGER_TOKENS !== undefined) return true;
  const value = env[name];
  return value !== undefined && value.replaceAll(',', '').trim() !== '';
}

function applies(name: Requirement, file: FileConfig | undefined): boolean {
  switch (name) {
    case 'HUBSPOT_CLIENT_SECRET':
    case 'HUBSPOT_ACCESS_TOKEN':
      return file?.crm.hubspot !== undefined;
    case 'SALESFORCE_TRIGGER_TOKENS':
    case 'SALESFORCE_CLIENT_ID':
    case 'SALESFORCE_CLIENT_SECRET':
      return file?.crm.salesforce !== undefined;
    case 'PIPEDRIVE_WEBHOOK_USER':
    case 'PIPEDRIVE_WEBHOOK_PASSWORD':
    case 'PIPEDRIVE_API_TOKEN':
      return file?.crm.pipedrive !== undefined;
    case 'DEAL_TRIGGER_SECRETS':
      return file?.crm.generic !== undefined;
    case 'CONSOLE_OIDC_CLIENT_SECRET':
      return file?.console.enabled === true && file.console.oidc !== undefined;
    case 'SLACK_WEBHOOK_URL':
      return hasStep(file, 'slack');
    case 'SLACK_BOT_TOKEN':
      return hasStep(file, 'slack_message');
    case 'SMTP_URL':
      return hasStep(file, 'email');
    case 'LINEAR_API_KEY':
      return hasStep(file, 'linear_project');
    default:
      return true;
  }
}

function hasStep(file: FileConfig | undefined, kind: Step['kind']): boolean {
  return file !== undefined && placedSteps(file).some(({ step }) => step.kind === kind);
}
