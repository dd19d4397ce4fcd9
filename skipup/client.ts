import type { Dispatcher } from 'undici';
import type { Drift } from './drift.ts';
import { SkipUpConfigurationError } from './errors.ts';
import { MeetingRequests } from './meeting-requests.ts';
import { DEFAULT_RETRY, type RetryOptions } from './retry.ts';
import { pagesPerMinuteSchema } from './schemas.ts';
import type { SkipUpTracer } from './tracing.ts';
import { type RequestInfo, type ResponseInfo, type Timeouts, Transport } from './transport.ts';
import { WebhookEndpoints } from './webhook-endpoints.ts';
import { WorkspaceMembers } from './workspace-members.ts';

export const DEFAULT_BASE_URL = 'https://api.skipup.ai/api/v1';

/** Milliseconds. SkipUp answers 202 at once and works afterwards: an answer that takes ten seconds is a lost one. */
export const DEFAULT_TIMEOUTS: Timeouts = { connectMs: 5_000, headersMs: 10_000, bodyMs: 10_000, totalMs: 30_000 };

/** Some of the options; what is left out or `undefined` keeps its default. */
type Given<T> = { [Name in keyof T]?: T[Name] | undefined };

export interface SkipUpClientOptions {
  /** `sk_…`, from Settings > API Keys. */
  apiKey: string;
  /** Without it SkipUp's own. */
  baseUrl?: string | undefined;
  timeouts?: Given<Timeouts> | undefined;
  retry?: Given<RetryOptions> | undefined;
  userAgent?: string | undefined;
  /**
   * All lists of this client together ask for no more than so many pages a minute; without it for as many as they can.
   * SkipUp allows a key 120 requests a minute in all. A list can have a `pagesPerMinute` of its own beside it.
   */
  pagesPerMinute?: number | undefined;
  /** Milliseconds since the epoch, for `Retry-After` dates and `pagesPerMinute`; the machine's clock when left out. */
  now?: (() => number) | undefined;
  /** An undici dispatcher (a proxy, a shared pool); it is not closed by `close()`. */
  dispatcher?: Dispatcher | undefined;
  /** Before each attempt: for logs and traces. Sees neither headers nor bodies. */
  onRequest?: ((info: RequestInfo) => void) | undefined;
  /** After each attempt: for metrics. */
  onResponse?: ((info: ResponseInfo) => void) | undefined;
  /** Once for each field in which an answer differs from what is documented; without it nobody is told. */
  onDrift?: ((drift: Drift) => void) | undefined;
  /**
   * Starts a span for each call. Left out, it is OpenTelemetry's global one if `@opentelemetry/api` is installed and the
   * application has set it up; `false` for none.
   */
  tracer?: SkipUpTracer | false | undefined;
}

/**
 * A client for SkipUp's API.
 *
 * ```ts
 * const client = new SkipUpClient({ apiKey });
 * const request = await client.meetingRequests.create(body, { idempotencyKey: 'impl:acme:kickoff:2026-02-10' });
 * await client.close();
 * ```
 *
 * Every method throws a `SkipUpError` and nothing else, and takes `{ signal }` last.
 */
export class SkipUpClient {
  readonly meetingRequests: MeetingRequests;
  readonly workspaceMembers: WorkspaceMembers;
  readonly webhookEndpoints: WebhookEndpoints;
  readonly #transport: Transport;

  /** @throws SkipUpConfigurationError for a key, a base URL or a figure that cannot work */
  constructor(options: SkipUpClientOptions) {
    this.#transport = new Transport({
      apiKey: checkedKey(options.apiKey),
      baseUrl: checkedBaseUrl(options.baseUrl ?? DEFAULT_BASE_URL),
      userAgent: checkedUserAgent(options.userAgent ?? 'skipup-client'),
      timeouts: checkedTimeouts(options.timeouts ?? {}),
      retry: checkedRetry(options.retry ?? {}),
      now: options.now ?? Date.now,
      pagesPerMinute: checkedPace(options.pagesPerMinute),
      dispatcher: options.dispatcher,
      tracer: options.tracer,
      onRequest: options.onRequest,
      onResponse: options.onResponse,
      onDrift: options.onDrift,
    });
    this.meetingRequests = new MeetingRequests(this.#transport);
    this.workspaceMembers = new WorkspaceMembers(this.#transport);
    this.webhookEndpoints = new WebhookEndpoints(this.#transport);
  }

  /** Lets running calls finish and closes the connections; later calls throw `SkipUpConfigurationError`. */
  async close(): Promise<void> {
    await this.#transport.close();
  }
}

function checkedKey(apiKey: unknown): string {
  // Only the prefix is documented. The rest must fit a header; the key itself is never shown.
  if (typeof apiKey !== 'string' || !/^sk_[\x21-\x7e]{1,500}$/.test(apiKey)) {
    throw new SkipUpConfigurationError(
      'The API key does not look like one of SkipUp\'s: it starts with "sk_" and holds no spaces or line breaks. Copy it again from Settings > API Keys.',
    );
  }
  return apiKey;
}

function checkedBaseUrl(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (
    !url ||
    !/^https?:$/.test(url.protocol) ||
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw new SkipUpConfigurationError(
      `The base URL must be a plain http(s) URL such as ${DEFAULT_BASE_URL}, without user, query or hash.`,
    );
  }
  return url.href.replace(/\/+$/, '');
}

function checkedUserAgent(userAgent: string): string {
  if (!/^[\x20-\x7e]{1,255}$/.test(userAgent)) {
    throw new SkipUpConfigurationError('The user agent must be printable ASCII, 1 to 255 characters.');
  }
  return userAgent;
}

function checkedTimeouts(given: Given<Timeouts>): Timeouts {
  const timeouts = withDefaults(DEFAULT_TIMEOUTS, given);
  for (const [name, value] of Object.entries(timeouts)) {
    // A longer one than this Node's timers take as none at all.
    if (!(Number.isFinite(value) && value > 0 && value <= 2_147_483_647)) {
      throw new SkipUpConfigurationError(`timeouts.${name} must be milliseconds, above 0.`);
    }
  }
  return timeouts;
}

function checkedRetry(given: Given<RetryOptions>): RetryOptions {
  const retry = withDefaults(DEFAULT_RETRY, given);
  if (!Number.isInteger(retry.maxAttempts) || retry.maxAttempts < 1 || retry.maxAttempts > 10) {
    throw new SkipUpConfigurationError('retry.maxAttempts must be a whole number from 1 to 10.');
  }
  for (const name of ['baseMs', 'maxDelayMs', 'retryAfterCapMs'] as const) {
    if (!(Number.isFinite(retry[name]) && retry[name] >= 0)) {
      throw new SkipUpConfigurationError(`retry.${name} must be milliseconds, 0 or more.`);
    }
  }
  return retry;
}

function checkedPace(perMinute: number | undefined): number | undefined {
  if (perMinute !== undefined && !pagesPerMinuteSchema.safeParse(perMinute).success) {
    throw new SkipUpConfigurationError('pagesPerMinute must be a number, 1 or more.');
  }
  return perMinute;
}

/** An option given as `undefined` means the default. */
function withDefaults<T extends object>(defaults: T, given: Given<T>): T {
  const merged = { ...defaults };
  for (const name in defaults) {
    const value = given[name];
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}
