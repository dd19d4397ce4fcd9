import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher, request } from 'undici';
import { guardedLookup } from './outbound-lookup.ts';
import type { OutboundTarget } from './outbound-target.ts';

export interface OutboundCall {
  target: OutboundTarget;
  method: Dispatcher.HttpMethod;
  headers: Record<string, string>;
  body: string | undefined;
  /** Milliseconds for the whole call. */
  timeoutMs: number;
  signal: AbortSignal;
  /** How much of the answer is wanted, in bytes; 0 for none of it. */
  bytesOf(status: number): number;
  /** What asks the system for a name's addresses. */
  lookup?: LookupFunction | undefined;
}

export interface OutboundAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** The answer was longer than was wanted, and `text` is its beginning. */
  cut: boolean;
}

/**
 * Makes one call on a connection of its own, so that every call is to addresses that were checked for it. Redirects are not
 * followed and no proxy of the environment is used: both would lead around the check.
 *
 * @throws OutboundRefusal when the name leads to an address that is not public; whatever `undici` throws
 */
export async function outboundCall(call: OutboundCall): Promise<OutboundAnswer> {
  const { target, method, headers, body, timeoutMs, bytesOf, lookup } = call;
  const ask = target.allowed ? lookup : guardedLookup(lookup);
  const agent = new Agent({ connect: { timeout: timeoutMs, ...(ask === undefined ? {} : { lookup: ask }) } });
  try {
    const answer = await request(target.url, {
      dispatcher: agent,
      method,
      headers,
      body: body ?? null,
      signal: AbortSignal.any([call.signal, AbortSignal.timeout(timeoutMs)]),
    });
    const { text, cut } = await beginningOf(answer.body, bytesOf(answer.statusCode));
    return { status: answer.statusCode, headers: answer.headers, text, cut };
  } finally {
    await agent.destroy();
  }
}

async function beginningOf(
  body: Dispatcher.ResponseData['body'],
  bytes: number,
): Promise<{ text: string; cut: boolean }> {
  // What is not read ends with its connection, and that is no failure.
  body.on('error', () => undefined);
  if (bytes === 0) return { text: '', cut: false };
  const chunks: Buffer[] = [];
  let left = bytes;
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) continue;
    chunks.push(chunk.subarray(0, left));
    left -= chunk.length;
    if (left < 0) break;
  }
  return { text: Buffer.concat(chunks).toString('utf8'), cut: left < 0 };
}
