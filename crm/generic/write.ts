import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { callJson, expectAnswer } from '../http.ts';
import type { CrmWrite, CrmWriteResult } from '../port.ts';
import { genericSignature } from './signature.ts';

export interface GenericWriteOptions {
  /** Where writes are posted; none: nothing is written anywhere. */
  url: string | undefined;
  /** Signs the posted writes in the same way as deal events are signed. */
  secret: string | undefined;
  timeoutMs: number;
  dispatcher: Dispatcher | undefined;
  now: () => Date;
}

const MAX_ANSWER_BYTES = 64 * 1024;

const answerSchema = z
  .object({ noteId: z.string().optional(), taskId: z.string().optional(), url: z.string().optional() })
  .nullish()
  .catch(null);

/**
 * Posts `{ dealId (or leadId), status?, properties?, note?, task?, marker }` to the configured URL, with the marker as
 * `Idempotency-Key`: the receiver tells repeats by it. The answer may name what was made.
 *
 * @returns an empty result when no URL is configured
 * @throws CrmError
 */
export async function postGenericWrite(
  subject: { dealId: string } | { leadId: string },
  write: CrmWrite,
  options: GenericWriteOptions,
  signal?: AbortSignal,
): Promise<CrmWriteResult> {
  if (options.url === undefined) {
    return {};
  }
  const body = { ...subject, ...write };
  const answer = await callJson({
    system: 'The write-back URL',
    method: 'POST',
    url: options.url,
    headers: { 'idempotency-key': headerSafe(write.marker), ...signatureHeader(body, options) },
    body,
    timeoutMs: options.timeoutMs,
    maxBytes: MAX_ANSWER_BYTES,
    signal,
    dispatcher: options.dispatcher,
  });
  const made = expectAnswer(answerSchema, answer, 'The write-back URL');
  return {
    ...(made?.noteId === undefined ? {} : { noteId: made.noteId }),
    ...(made?.taskId === undefined ? {} : { taskId: made.taskId }),
    ...(made?.url === undefined ? {} : { url: made.url }),
  };
}

function signatureHeader(body: object, options: GenericWriteOptions): Record<string, string> {
  if (options.secret === undefined) {
    return {};
  }
  const timestamp = String(Math.floor(options.now().getTime() / 1000));
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  return { 'x-webhook-signature': `t=${timestamp},v1=${genericSignature(options.secret, timestamp, bytes)}` };
}

/** A marker holds a deal's id, which may hold anything; a header may not. */
function headerSafe(marker: string): string {
  return encodeURIComponent(marker);
}
