import type { Dispatcher } from 'undici';
import type { z } from 'zod';
import { callJson, expectAnswer } from '../http.ts';
import { CrmError } from '../port.ts';

export interface HubSpotApiOptions {
  /** Default `https://api.hubapi.com`. */
  baseUrl?: string | undefined;
  /** The app's static token; sent as Bearer. */
  accessToken: string | undefined;
  /** HubSpot's dated API version. Default `2026-03`. */
  version?: string | undefined;
  /** Milliseconds for one call. Default 10,000. */
  timeoutMs?: number | undefined;
  /** Connections to use; the process's own when absent. */
  dispatcher?: Dispatcher | undefined;
}

export interface HubSpotCall {
  method: 'GET' | 'POST' | 'PATCH';
  /** What follows the version, e.g. `/0-3/123`. */
  path: string;
  /** Default `objects`. */
  family?: 'objects' | 'owners';
  query?: Record<string, string>;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/** HubSpot's REST API: one function, which makes one call and checks its answer. */
export interface HubSpotApi {
  /** @throws CrmError */
  call<T>(schema: z.ZodType<T>, call: HubSpotCall): Promise<T>;
}

/** The longest useful answer (500 associations, 100 contacts) is far below this. */
const MAX_ANSWER_BYTES = 5 * 1024 * 1024;

export function createHubSpotApi(options: HubSpotApiOptions): HubSpotApi {
  const baseUrl = (options.baseUrl ?? 'https://api.hubapi.com').replace(/\/+$/, '');
  const version = options.version ?? '2026-03';
  return {
    async call(schema, call) {
      if (options.accessToken === undefined || options.accessToken === '') {
        throw new CrmError('configuration', 'HubSpot cannot be called: set HUBSPOT_ACCESS_TOKEN.');
      }
      const query = call.query === undefined ? '' : `?${new URLSearchParams(call.query).toString()}`;
      const answer = await callJson({
        system: 'HubSpot',
        method: call.method,
        url: `${baseUrl}/crm/${call.family ?? 'objects'}/${version}${call.path}${query}`,
        headers: { authorization: `Bearer ${options.accessToken}` },
        body: call.body,
        timeoutMs: options.timeoutMs ?? 10_000,
        maxBytes: MAX_ANSWER_BYTES,
        signal: call.signal,
        dispatcher: options.dispatcher,
      });
      return expectAnswer(schema, answer, `HubSpot (${call.method} ${call.path})`);
    },
  };
}
