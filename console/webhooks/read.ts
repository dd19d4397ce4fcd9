import { z } from 'zod';
import { inboxKeysAmong, lastSweeps } from '../../database/index.ts';
import { type WebhookDelivery, type WebhookEndpoint, webhookDedupeKeyOf } from '../../skipup/index.ts';
import type { ConsoleContext } from '../context.ts';
import { endpointsOf, type FromSkipUp, fromSkipUp } from './endpoint.ts';

/** What the sweep found the last time it looked after the endpoint. */
export interface Swept {
  at: Date;
  /** Why it did not get through. */
  problem: string | null;
  endpoint: string | undefined;
  advice: string | undefined;
}

export interface DeliveryLine extends WebhookDelivery {
  /** The row of the inbox that it has become; `unknown`: its list does not say what was sent. */
  row: { id: number; status: string } | 'none' | 'unknown';
}

export interface Webhooks {
  /** Undefined: there is no key here to ask SkipUp with. */
  asked: FromSkipUp<{ endpoints: WebhookEndpoint[]; deliveries: DeliveryLine[] }> | undefined;
  /** The endpoint of this installation, where it is known and there is one. */
  own: WebhookEndpoint | undefined;
  swept: Swept | undefined;
}

const DELIVERIES = 25;

/** Two calls to SkipUp: which endpoints there are, and what was sent to this installation's last. */
export async function readWebhooks(context: ConsoleContext): Promise<Webhooks> {
  const { skipup, skipupWebhookUrl: url } = context;
  const swept = await lastSwept(context);
  if (skipup === undefined) return { asked: undefined, own: undefined, swept };
  const asked = await fromSkipUp(async (signal) => {
    const endpoints = await endpointsOf(skipup, url, signal);
    const own = endpoints.find((endpoint) => endpoint.url === url);
    const sent =
      own === undefined
        ? []
        : await skipup.webhookEndpoints
            .deliveries(own.id, { limit: DELIVERIES }, { signal })
            .toArray({ limit: DELIVERIES });
    return { endpoints, own, sent };
  });
  if ('silent' in asked) return { asked, own: undefined, swept };
  const { endpoints, own, sent } = asked.answer;
  return { asked: { answer: { endpoints, deliveries: await withRows(context, sent) } }, own, swept };
}

async function withRows({ database }: ConsoleContext, sent: readonly WebhookDelivery[]): Promise<DeliveryLine[]> {
  const keyed = sent.map((delivery) => {
    const { payload } = delivery;
    return { delivery, key: payload === undefined || payload === null ? undefined : webhookDedupeKeyOf(payload) };
  });
  const rows = await inboxKeysAmong(
    database.db,
    keyed.flatMap(({ key }) => key ?? []),
  );
  return keyed.map(({ delivery, key }) => ({
    ...delivery,
    row: key === undefined ? 'unknown' : (rows.get(key) ?? 'none'),
  }));
}

const findingsSchema = z.object({ endpoint: z.string().optional(), advice: z.string().optional() });

async function lastSwept({ database }: ConsoleContext): Promise<Swept | undefined> {
  const row = (await lastSweeps(database.db)).find(({ part }) => part === 'deliveries');
  if (row === undefined) return undefined;
  const findings = findingsSchema.safeParse(row.findings);
  return {
    at: row.swept_at,
    problem: row.problem,
    endpoint: findings.data?.endpoint,
    advice: findings.data?.advice,
  };
}
