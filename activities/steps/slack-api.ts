import {
  type Logger,
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
} from '@slack/web-api';
import { ApplicationFailure } from '@temporalio/activity';

/** Slack answers in well under this; a step that runs as a local activity has 4 s. */
const TIMEOUT_MS = 3_000;
/** Slack's own advice for a page of messages. */
const PAGE = 200;
/** A channel that got more messages since the step began is looked through no further. */
const MOST_PAGES = 10;
/** Slack's clock and the database's may differ by so much. */
const CLOCKS_DIFFER_S = 600;
/** The type of our messages' metadata, by which they are found again. */
const EVENT_TYPE = 'kickoff_step';
/** Slack's words for "later". */
const LATER = new Set(['internal_error', 'fatal_error', 'request_timeout', 'service_unavailable', 'ratelimited']);

/** Where a message is. */
export interface SlackPlace {
  channel: string;
  ts: string;
}

export interface SlackMessage {
  /** A channel's id or a user's. */
  channel: string;
  /** In Slack's markup. */
  text: string;
  /** Found again by it; nobody sees it. */
  marker: string;
  /** The `ts` of the message whose thread it is in. */
  thread?: string;
}

/** Slack's Web API, as far as messages need it. Every method throws an `ApplicationFailure`. */
export interface SlackApi {
  post(message: SlackMessage): Promise<SlackPlace>;
  /** A message of this marker that was posted since; needs the scope `channels:history` (`groups:`, `im:`). */
  find(message: SlackMessage, since: Date): Promise<SlackPlace | undefined>;
  update(place: SlackPlace, text: string, marker: string): Promise<void>;
  /** Undefined when Slack gives none: a link is not worth a failure. */
  permalink(place: SlackPlace): Promise<string | undefined>;
  /** Whose token it is, and its scopes where Slack says them. */
  whoAmI(): Promise<{ team: string; scopes: readonly string[] | undefined }>;
}

/** @param token a secret: never part of a message */
export function slackApi(token: string, baseUrl: string, signal: AbortSignal): SlackApi {
  const client = new WebClient(token, {
    slackApiUrl: baseUrl,
    timeout: TIMEOUT_MS,
    // Temporal repeats what failed, and shows that it does.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: SILENT,
    fetch: (url, init) =>
      fetch(url, { ...init, signal: init?.signal === undefined ? signal : AbortSignal.any([signal, init.signal]) }),
  });
  return {
    post: ({ channel, text, marker, thread }) =>
      inWords(channel, async () => {
        const posted = await client.chat.postMessage({
          channel,
          text,
          metadata: { event_type: EVENT_TYPE, event_payload: { marker } },
          ...(thread === undefined ? {} : { thread_ts: thread }),
        });
        if (posted.ts === undefined) throw new Error('the answer has no ts');
        return { channel: posted.channel ?? channel, ts: posted.ts };
      }),
    find: ({ channel: named, marker, thread }, since) =>
      inWords(named, async () => {
        // A user's id is no conversation yet.
        const opened = /^[UW]/.test(named) ? (await client.conversations.open({ users: named })).channel?.id : named;
        const channel = opened ?? named;
        const oldest = String(Math.floor(since.getTime() / 1000) - CLOCKS_DIFFER_S);
        let cursor: string | undefined;
        for (let page = 0; page < MOST_PAGES; page += 1) {
          const query = { channel, oldest, limit: PAGE, include_all_metadata: true, ...(cursor && { cursor }) };
          const { messages, response_metadata } =
            thread === undefined
              ? await client.conversations.history(query)
              : await client.conversations.replies({ ...query, ts: thread });
          const ours = messages?.find((message) => isOurs(message, marker));
          if (ours?.ts !== undefined) return { channel, ts: ours.ts };
          cursor = response_metadata?.next_cursor;
          if (cursor === undefined || cursor === '') return undefined;
        }
        return undefined;
      }),
    update: ({ channel, ts }, text, marker) =>
      inWords(channel, async () => {
        await client.chat.update({
          channel,
          ts,
          text,
          metadata: { event_type: EVENT_TYPE, event_payload: { marker } },
        });
      }),
    permalink: ({ channel, ts }) =>
      client.chat.getPermalink({ channel, message_ts: ts }).then(
        ({ permalink }) => permalink,
        () => undefined,
      ),
    whoAmI: () =>
      inWords('', async () => {
        const { team, response_metadata: more } = await client.auth.test();
        return { team: team ?? 'a workspace', scopes: more?.scopes };
      }),
  };
}

function isOurs(message: object, marker: string): boolean {
  if (!('metadata' in message) || typeof message.metadata !== 'object' || message.metadata === null) return false;
  const { metadata } = message;
  if (!('event_type' in metadata) || metadata.event_type !== EVENT_TYPE || !('event_payload' in metadata)) return false;
  const { event_payload: payload } = metadata;
  return typeof payload === 'object' && payload !== null && 'marker' in payload && payload.marker === marker;
}

/** What a failure of Slack means: wait, repeat, or ask a person. `type` is `Slack.<its own word>`. */
async function inWords<T>(channel: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw failureOf(error, channel);
  }
}

function failureOf(cause: unknown, channel: string): ApplicationFailure {
  if (cause instanceof WebAPIRateLimitedError) {
    return ApplicationFailure.create({
      message: `Slack asks to wait ${cause.retryAfter} s.`,
      type: 'Slack.ratelimited',
      nextRetryDelay: `${cause.retryAfter} s`,
      cause,
    });
  }
  if (cause instanceof WebAPIPlatformError) {
    const { error: word, response_metadata: more } = cause.data;
    return ApplicationFailure.create({
      message: adviceFor(word, channel, more?.messages ?? []),
      type: `Slack.${word}`,
      nonRetryable: !LATER.has(word),
      cause,
    });
  }
  if (cause instanceof WebAPIHTTPError) {
    const { statusCode } = cause;
    return ApplicationFailure.create({
      message: `Slack answered ${statusCode}.`,
      type: 'Slack.http',
      nonRetryable: statusCode >= 400 && statusCode < 500 && statusCode !== 408 && statusCode !== 429,
      cause,
    });
  }
  return ApplicationFailure.create({
    message: `Slack did not answer: ${reasonOf(cause instanceof WebAPIRequestError ? cause.original : cause)}`,
    type: 'Slack.unreachable',
    ...(cause instanceof Error ? { cause } : {}),
  });
}

/** fetch says no more than that it failed; why is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return error.message === '' && 'code' in error ? String(error.code) : error.message;
}

function adviceFor(word: string, channel: string, more: readonly string[]): string {
  switch (word) {
    case 'not_in_channel':
      return `Slack: the app is not in ${channel} (not_in_channel). Invite it there, then retry the step.`;
    case 'channel_not_found':
      return `Slack: there is no ${channel} that the app can see (channel_not_found). Give the channel’s id, and invite the app where the channel is private.`;
    case 'is_archived':
      return `Slack: ${channel} is archived (is_archived). Name another channel, or restore it, then retry the step.`;
    case 'missing_scope':
      return 'Slack: the app lacks a scope (missing_scope). Give it chat:write, install it again, then retry the step.';
    case 'invalid_auth':
    case 'not_authed':
    case 'account_inactive':
    case 'token_expired':
    case 'token_revoked':
      return `Slack does not know the token (${word}). Correct SLACK_BOT_TOKEN, restart the workers, then retry the step.`;
    default:
      return ['Slack refused:', word, ...more].join(' ');
  }
}

/** What went wrong is in the failure. */
const SILENT = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
} satisfies Logger;
