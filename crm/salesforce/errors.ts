import { z } from 'zod';
import { readRetryAfter } from '../http.ts';
import { CrmError, type CrmErrorCode } from '../port.ts';
import type { LastAnswer } from './transport.ts';

/**
 * The errors that mean something else than their HTTP status says.
 *
 * https://developer.salesforce.com, REST API Developer Guide, "Status Codes and Error Responses", and the SOAP API's
 * "Core Data Types: StatusCode".
 */
const MEANINGS: Record<string, CrmErrorCode> = {
  // Both the organization's requests of a day and its long-running ones at a time.
  REQUEST_LIMIT_EXCEEDED: 'rate_limited',
  LOGIN_RATE_EXCEEDED: 'rate_limited',
  SERVER_UNAVAILABLE: 'unavailable',
  UNABLE_TO_LOCK_ROW: 'unavailable',
  QUERY_TIMEOUT: 'unavailable',
  INVALID_SESSION_ID: 'unauthorized',
  NOT_FOUND: 'not_found',
  ENTITY_IS_DELETED: 'not_found',
};

const HINTS: Record<CrmErrorCode, string> = {
  not_found: 'Nothing exists under this id, or the connected user may not see it.',
  unauthorized: 'Check the connected app, its client credentials and what its user may do.',
  refused: "Check the organization's own rules for this record and the configured field names.",
  rate_limited: 'The call is repeated later.',
  unavailable: 'The call is repeated later.',
  malformed_answer: 'Check the login URL and the API version.',
  configuration: 'Check the login URL and the API version.',
};

const saidSchema = z.object({ errorCode: z.string().optional(), message: z.string().optional() });
const thrownSchema = z.object({ data: z.unknown() });

/**
 * What a failed call means.
 *
 * @param thrown what jsforce threw; its own errors carry Salesforce's list of errors as `data`
 * @param answer what Salesforce answered, when it did
 * @param call for the message, e.g. `GET query`
 * @param hide access token and client secret, which are taken out of Salesforce's words should they be in them
 */
export function errorOfAnswer(thrown: unknown, answer: LastAnswer, call: string, hide: readonly string[]): CrmError {
  const said = wordsOf(thrown);
  const code =
    said.map(({ errorCode }) => MEANINGS[errorCode ?? '']).find((meaning) => meaning !== undefined) ??
    meaningOfStatus(answer.status);
  const words = said
    .map(({ errorCode, message }) => [errorCode, message].filter((part) => part !== undefined).join(': '))
    .join('; ');
  const quoted = words === '' ? '' : ` (${without(words, hide).slice(0, 300)})`;
  return new CrmError(code, `Salesforce answered ${answer.status} to ${call}${quoted}. ${HINTS[code]}`, {
    cause: thrown,
    ...retry(answer),
  });
}

/** What a failed login means. @param thrown jsforce names it by Salesforce's `error`, with its `error_description` as message */
export function errorOfLogin(thrown: unknown, answer: LastAnswer, hide: readonly string[]): CrmError {
  const words = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : 'no reason given';
  const isLimited = /rate/i.test(words) && answer.status < 500;
  const byStatus = meaningOfStatus(answer.status);
  const code = isLimited ? 'rate_limited' : byStatus === 'refused' ? 'unauthorized' : byStatus;
  const hint =
    code === 'unauthorized'
      ? "The client credentials flow needs the organization's My Domain as login URL, an enabled app with a run-as user, and its id and secret."
      : HINTS[code];
  const message = `Salesforce answered ${answer.status} to the login (${without(words, hide).slice(0, 300)}). ${hint}`;
  return new CrmError(code, message, retry(answer));
}

/** Whether Salesforce refused a query because the object has no such field. */
export function isMissingField(error: unknown, field: string): boolean {
  const said = error instanceof CrmError ? wordsOf(error.cause) : [];
  return said.some(
    // The message quotes a part of the query too, so the field's name alone says nothing.
    ({ errorCode, message }) =>
      errorCode === 'INVALID_FIELD' && message?.includes(`No such column '${field}'`) === true,
  );
}

function meaningOfStatus(status: number): CrmErrorCode {
  if (status === 401 || status === 403) {
    return 'unauthorized';
  }
  if (status === 404 || status === 410) {
    return 'not_found';
  }
  if (status === 429) {
    return 'rate_limited';
  }
  // 420 is Salesforce's for an organization that is moved or gone.
  if (status >= 500 || [408, 420, 425].includes(status)) {
    return 'unavailable';
  }
  return status >= 400 ? 'refused' : 'malformed_answer';
}

function wordsOf(thrown: unknown): z.infer<typeof saidSchema>[] {
  const data = thrownSchema.safeParse(thrown).data?.data;
  const list = z.array(saidSchema).safeParse(Array.isArray(data) ? data : [data]).data ?? [];
  // An HTML page of a proxy says nothing worth keeping.
  return list.filter(({ errorCode }) => errorCode !== undefined && !errorCode.startsWith('ERROR_HTTP_'));
}

function without(words: string, hide: readonly string[]): string {
  return hide.filter((secret) => secret !== '').reduce((text, secret) => text.replaceAll(secret, '…'), words);
}

function retry(answer: LastAnswer): { retryAfterMs?: number } {
  const retryAfterMs = readRetryAfter(answer.headers['retry-after'], new Date());
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}
