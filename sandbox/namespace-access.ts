import { acmeOrganizer } from './fixtures/acme.ts';
import { MAIN } from './namespaces.ts';
import type { Sandboxed } from './sandboxed.ts';
import { SLACK_PATH } from './slack.ts';
import { SLACK_BOT_TOKEN } from './slack-api.ts';
import type { State } from './state/schema.ts';

/** All that an outsider needs to use a namespace, secrets included. */
export interface NamespaceAccess {
  readonly name: string;
  readonly seed: string;
  /** The key with every scope. */
  readonly apiKey: string;
  /** An active member's e-mail. */
  readonly organizer: string;
  /** Where SkipUp's API answers: the key says which namespace is meant. */
  readonly apiBaseUrl: string;
  /** What stands in for `https://api.hubapi.com`: the access token says which namespace is meant. */
  readonly hubspotBaseUrl: string;
  readonly slackWebhookUrl: string;
  /** What stands in for `https://slack.com/api/`. */
  readonly slackBaseUrl: string;
  /** A bot's; of any namespace. */
  readonly slackBotToken: string;
  /** Where the namespace is steered. */
  readonly controlUrl: string;
  readonly hubspot: { readonly accessToken: string; readonly clientSecret: string };
}

/** @param url where the sandbox listens, without a slash at the end */
export function accessTo({ name, workspace: { state } }: Sandboxed, url: string): NamespaceAccess {
  const isMain = name === MAIN;
  return {
    name,
    seed: state.seed,
    apiKey: state.keys.get(state.mainKeyId)?.key ?? '',
    organizer: organizerOf(state),
    apiBaseUrl: `${url}/api/v1`,
    hubspotBaseUrl: `${url}/hubspot`,
    slackWebhookUrl: `${url}/slack${isMain ? '' : `/${name}`}${SLACK_PATH}`,
    slackBaseUrl: `${url}/slack${isMain ? '' : `/${name}`}/api/`,
    slackBotToken: SLACK_BOT_TOKEN,
    controlUrl: `${url}/_sandbox${isMain ? '' : `/namespaces/${name}`}`,
    hubspot: { accessToken: state.crm.accessToken, clientSecret: state.crm.clientSecret },
  };
}

function organizerOf({ members }: State): string {
  const active = [...members.values()].filter((member) => member.deactivatedAt === null);
  return active.find((member) => member.email === acmeOrganizer.email)?.email ?? active[0]?.email ?? '';
}
