import { ApplicationFailure } from '@temporalio/activity';
import { request } from 'undici';
import { slackText } from './slack-markup.ts';

/** Slack cuts messages at 40,000 characters; ours are far below. Its webhooks answer in well under this. */
const TIMEOUT_MS = 3_000;

/**
 * Posts to a Slack incoming webhook.
 *
 * @param webhookUrl a secret; never part of a message
 * @throws ApplicationFailure, not retryable when Slack refuses the message or the webhook is gone
 */
export async function postToSlack(webhookUrl: string | undefined, text: string): Promise<void> {
  if (webhookUrl === undefined) {
    throw ApplicationFailure.nonRetryable('No Slack webhook is configured. Set SLACK_WEBHOOK_URL.', 'Configuration');
  }
  const { statusCode, body, headers } = await request(webhookUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: slackText(text) }),
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  });
  const answer = (await body.text()).slice(0, 200);
  if (statusCode === 200) return;
  const retryAfter = Number(headers['retry-after']);
  throw ApplicationFailure.create({
    message: `Slack answered ${statusCode}: ${answer}`,
    type: 'Slack',
    // 400, 403, 404, 410: the message or the webhook is at fault. Source: Slack's "incoming webhooks", error handling.
    nonRetryable: statusCode >= 400 && statusCode < 500 && statusCode !== 429,
    ...(retryAfter > 0 ? { nextRetryDelay: `${Math.min(retryAfter, 60)}s` } : {}),
  });
}
