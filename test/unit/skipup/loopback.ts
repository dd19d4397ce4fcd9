import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { SkipUpClient, type SkipUpClientOptions } from '../../../skipup/index.ts';

/** A key like a real one: no error may ever show it. */
export const API_KEY = 'sk_live_9f2k1xAbCdEf0123456789';

/** A request as it arrived. */
export interface Seen {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: unknown;
  rawBody: string;
}

export type Behaviour = (response: ServerResponse, seen: Seen, request: IncomingMessage) => void;

export interface Loopback {
  baseUrl: string;
  seen: Seen[];
  /** `GET /meeting_requests/mr_1`, one for each request. */
  calls(): string[];
  /** From now on nobody listens. */
  stop(): Promise<void>;
}

/** A server on a loopback socket that behaves once as each behaviour says, then for ever as the last one. */
export async function loopback(...behaviours: Behaviour[]): Promise<Loopback> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      const rawBody = Buffer.concat(chunks).toString();
      const url = new URL(request.url ?? '/', 'http://loopback');
      const one: Seen = {
        method: request.method ?? '',
        path: url.pathname.replace(/^\/api\/v1/, ''),
        query: url.searchParams,
        headers: request.headers,
        body: rawBody === '' ? undefined : JSON.parse(rawBody),
        rawBody,
      };
      seen.push(one);
      const behaviour = behaviours[Math.min(seen.length, behaviours.length) - 1];
      if (!behaviour) throw new Error('loopback needs a behaviour');
      behaviour(response, one, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(stop);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The loopback server has no port');
  return {
    baseUrl: `http://127.0.0.1:${address.port}/api/v1`,
    seen,
    stop,
    calls: () => seen.map(({ method, path }) => `${method} ${path}`),
  };
}

/** Answers JSON. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Behaviour {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** Answers text as it is. */
export function text(status: number, body: string, headers: Record<string, string> = {}): Behaviour {
  return (response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

/** Answers SkipUp's error body. */
export function refusal(
  status: number,
  type: string,
  message = 'because',
  headers: Record<string, string> = {},
): Behaviour {
  return json(status, { error: { type, message } }, headers);
}

/** Answers a meeting request. */
export function meeting(fields: Record<string, unknown> = {}, status = 200): Behaviour {
  return json(status, { data: { id: 'mr_1', status: 'active', ...fields } });
}

/** Takes the request and hangs up without a word. */
export const hangUp: Behaviour = (_response, _seen, request) => request.socket.destroy();

/** Takes the request and never answers. */
export const silence: Behaviour = () => undefined;

/** A client of the loopback server: short time-outs, one attempt, no waiting; what a test needs otherwise it says. */
export function clientOf(server: Pick<Loopback, 'baseUrl'>, options: Partial<SkipUpClientOptions> = {}): SkipUpClient {
  const client = new SkipUpClient({
    apiKey: API_KEY,
    baseUrl: server.baseUrl,
    ...options,
    timeouts: { connectMs: 2_000, headersMs: 5_000, bodyMs: 5_000, totalMs: 8_000, ...options.timeouts },
    retry: { maxAttempts: 1, random: () => 0.5, sleep: async () => undefined, ...options.retry },
  });
  onTestFinished(() => client.close());
  return client;
}

/** The error a call ends with. */
export async function errorOf(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('The call should have failed, and succeeded');
}
