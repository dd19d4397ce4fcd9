import { type SkipUpClient, SkipUpError, type WebhookDelivery, type WebhookEndpoint } from '../../skipup/index.ts';
import type { EndpointState, EndpointTest } from '../../workflows/messages.ts';
import { type Pace, waitMs } from './pace.ts';

/** How long a test delivery is waited for, and how often it is looked at, in milliseconds. */
export const LOOK_AFTER_MS: readonly number[] = [500, 1_500, 3_000, 5_000, 5_000];
/** The second test comes so long after the first, the third after twice as long, and so on. */
const FIRST_PAUSE_MS = 10 * 60_000;
const LONGEST_PAUSE_MS = 6 * 3_600_000;

interface EndpointCare {
  client: SkipUpClient;
  pace: Pace;
  now: () => Date;
  signal: AbortSignal;
  /** After how many milliseconds a test delivery is looked at, again and again. */
  lookAfterMs: readonly number[];
}

export interface EndpointCondition {
  state: EndpointState;
  test?: EndpointTest;
  advice?: string;
}

/** The endpoints that deliver to this address; more than one when somebody has made it twice. */
export async function ownEndpoints({ client, pace, signal }: EndpointCare, url: string): Promise<WebhookEndpoint[]> {
  const own: WebhookEndpoint[] = [];
  const pages = client.webhookEndpoints.list({ limit: 100 }, { signal }).pages();
  for (;;) {
    await pace.turn(signal);
    const page = await pages.next();
    if (page.done === true) return own;
    own.push(...page.value.items.filter((endpoint) => isSameUrl(endpoint.url, url)));
    if (page.value.nextCursor === undefined) return own;
  }
}

/** SkipUp may write an address otherwise than it was given: the host in small letters, the usual port left out. */
function isSameUrl(one: string | null | undefined, other: string): boolean {
  return typeof one === 'string' && URL.canParse(one) && new URL(one).href === new URL(other).href;
}

/**
 * Looks after an endpoint that is off. One that a person has switched off is a person's to switch on. One that SkipUp has
 * switched off comes back when SkipUp's own test delivery to it came through, and never without: SkipUp does not say
 * whether it delivers a test to an endpoint that is off, and switching it on to find out would, when the test fails, mean
 * switching it off again, which then looks like a person's doing. Where the test is never tried a person is told.
 *
 * @param last the test that an earlier sweep has sent; a test is not sent with every sweep
 * @throws SkipUpError
 */
export async function bringBack(
  care: EndpointCare,
  endpoint: WebhookEndpoint,
  last: EndpointTest | undefined,
): Promise<EndpointCondition> {
  if (endpoint.enabled !== false) return { state: 'on' };
  const url = endpoint.url ?? endpoint.id;
  if (typeof endpoint.disabled_reason !== 'string' || endpoint.disabled_reason === '') {
    return {
      state: 'off_by_person',
      advice: `Somebody has switched the endpoint ${url} off. \`kickoff webhooks ensure\` switches it on.`,
    };
  }
  const disabledAt = endpoint.disabled_at ?? '';
  let test = last?.endpointId === endpoint.id && last.disabledAt === disabledAt ? last : undefined;
  let delivery = test === undefined ? undefined : await findTest(care, endpoint, test);
  if (delivery?.status !== 'success' && isDue(test, care.now())) {
    const deliveryId = await sendTest(care, endpoint);
    const sent = (test?.sent ?? 0) + 1;
    test = { endpointId: endpoint.id, disabledAt, deliveryId, sentAt: care.now().toISOString(), sent };
    delivery = await awaitTest(care, endpoint, test);
  }
  if (delivery?.status !== 'success') {
    return { state: 'off', advice: adviceAfter(url, delivery), ...(test === undefined ? {} : { test }) };
  }
  await care.pace.turn(care.signal);
  await care.client.webhookEndpoints.update(endpoint.id, { enabled: true }, { signal: care.signal });
  return { state: 'brought_back' };
}

function isDue(test: EndpointTest | undefined, now: Date): boolean {
  if (test === undefined) return true;
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (test.sent - 1), LONGEST_PAUSE_MS);
  return now.getTime() - Date.parse(test.sentAt) >= pauseMs;
}

async function sendTest({ client, pace, signal }: EndpointCare, endpoint: WebhookEndpoint): Promise<string> {
  await pace.turn(signal);
  try {
    return (await client.webhookEndpoints.test(endpoint.id, { signal })).delivery_id ?? '';
  } catch (error) {
    // It may have been sent all the same; without its id nothing is found, and a later sweep sends another.
    if (error instanceof SkipUpError && error.ambiguous && !signal.aborted) return '';
    throw error;
  }
}

async function awaitTest(
  care: EndpointCare,
  endpoint: WebhookEndpoint,
  test: EndpointTest,
): Promise<WebhookDelivery | undefined> {
  let delivery: WebhookDelivery | undefined;
  for (const ms of care.lookAfterMs) {
    await waitMs(ms, care.signal);
    delivery = await findTest(care, endpoint, test);
    // SkipUp tries a failed one again for an hour and a half: the next sweep looks.
    if (delivery?.status === 'success' || delivery?.status === 'failed' || (delivery?.attempts ?? 0) > 0) break;
  }
  return delivery;
}

async function findTest(
  { client, pace, signal }: EndpointCare,
  endpoint: WebhookEndpoint,
  { deliveryId }: EndpointTest,
): Promise<WebhookDelivery | undefined> {
  await pace.turn(signal);
  const query = { event_type: 'test', limit: 100 };
  const { items } = await client.webhookEndpoints.deliveries(endpoint.id, query, { signal }).firstPage();
  return items.find(({ id }) => id === deliveryId);
}

function adviceAfter(url: string, delivery: WebhookDelivery | undefined): string {
  if (delivery === undefined || (delivery.attempts ?? 0) === 0) {
    return `SkipUp has switched the endpoint ${url} off and has not tried its test delivery; it may try none while the endpoint is off. When the address answers, \`kickoff webhooks ensure\` switches it on.`;
  }
  const answer = delivery.response_code == null ? 'no answer' : `the answer ${delivery.response_code}`;
  return `SkipUp has switched the endpoint ${url} off, and its test delivery got ${answer}. Make the address answer: SkipUp tries again, and the sweep switches the endpoint on when the test has come through.`;
}
