import { tryLinear, tryMailServer, trySlack } from '../activities/index.ts';
import type { Config } from '../config/index.ts';
import { CliError } from './errors.ts';
import { ownKindsOf } from './own-kinds.ts';
import { crmsOf } from './services.ts';

/** One thing that Kickoff depends on: its name, and how it is tried without leaving anything behind. */
export interface Trial {
  name: string;
  /** @returns in words: what is well. @throws Error with a sentence that says what is not, and what to do */
  attempt(): Promise<string>;
}

/** What the steps need, as far as it is configured. */
export function stepTrials(config: Config, cwd: string): Trial[] {
  const { mail, slack, linear, stepCalls, stepKinds } = config;
  const { smtpUrl } = mail;
  const { botToken, baseUrl, webhookUrl } = slack;
  const { apiKey } = linear;
  const trials: (Trial | false)[] = [
    smtpUrl !== undefined && { name: 'mail', attempt: () => tryMailServer(smtpUrl) },
    botToken !== undefined && { name: 'Slack', attempt: () => trySlack({ token: botToken, baseUrl }) },
    webhookUrl !== undefined && {
      name: 'Slack’s webhook',
      attempt: async () => 'is set; only a message would show whether Slack takes it',
    },
    apiKey !== undefined && { name: 'Linear', attempt: () => tryLinear({ baseUrl: linear.baseUrl, apiKey }) },
    stepCalls.signingSecrets.length > 0 && {
      name: 'signed calls',
      attempt: async () => `http steps are signed with ${stepCalls.signingSecrets.length} secret(s)`,
    },
    stepKinds.length > 0 && {
      name: 'step kinds of your own',
      attempt: async () => `${[...(await ownKindsOf(config, cwd)).keys()].join(', ')} can be loaded`,
    },
  ];
  return trials.filter((trial) => trial !== false);
}

/** A page of one, of a minute: what the CRM answers does not matter. */
const MINUTE_MS = 60_000;
const TIMEOUT_MS = 15_000;

/** What lead recovery needs, where it is configured. */
export function recoveryTrials(config: Config): Trial[] {
  if (config.recovery === undefined) return [];
  const withLeads = Object.values(crmsOf(config)).filter(
    ({ name, leads }) => name !== 'generic' && leads !== undefined,
  );
  return [
    { name: 'forms', attempt: async () => formsState(config) },
    ...withLeads.map(({ name, leads }) => ({
      name: `leads of ${name}`,
      attempt: async () => {
        const [after, before] = [Date.now() - MINUTE_MS, Date.now()].map((ms) => new Date(ms).toISOString());
        const window = { after: after ?? '', before: before ?? '', limit: 1 };
        await leads?.listFormLeads?.(window, AbortSignal.timeout(TIMEOUT_MS));
        return `${name} lets its leads be read`;
      },
    })),
  ];
}

function formsState({ forms, crm }: Config): string {
  const ways = [
    ...(forms.secrets.length > 0 ? ['signed'] : []),
    ...(forms.tokens.length > 0 ? ['with a token'] : []),
    ...(crm.hubspot?.clientSecret === undefined ? [] : ['by HubSpot']),
  ];
  if (ways.length > 0) return `/triggers/form takes forms ${ways.join(', or ')}`;
  throw new CliError(
    'leads are recovered, but /triggers/form takes no form: set FORM_TRIGGER_SECRETS or FORM_TRIGGER_TOKENS',
  );
}
