import type { HttpRequest } from 'jsforce';
import { z } from 'zod';
import { expectAnswer } from '../http.ts';
import { CrmError } from '../port.ts';
import { errorOfAnswer } from './errors.ts';
import { logIn, type SalesforceLogin, type SalesforceSession } from './session.ts';
import { createTransport, type LastAnswer } from './transport.ts';

/** Salesforce's REST API as far as it is used. Every method throws {@link CrmError}. */
export interface SalesforceApi {
  /** All records that a SOQL query finds, page by page, at most 10 pages. */
  query<T>(record: z.ZodType<T>, soql: string, signal?: AbortSignal): Promise<T[]>;
  /** How many records a SOQL query of `COUNT()` finds. */
  count(soql: string, signal?: AbortSignal): Promise<number>;
  /** Makes a record. Returns its id. */
  create(objectType: string, fields: Record<string, unknown>, signal?: AbortSignal): Promise<string>;
  update(objectType: string, recordId: string, fields: Record<string, unknown>, signal?: AbortSignal): Promise<void>;
  /** A record's page, once anything was called: only the login tells the organization's address. */
  recordUrl(objectType: string, recordId: string): string | undefined;
}

/** Salesforce gives 2,000 records a page, fewer of long ones: no deal of a kickoff has more, and nothing is read without end. */
const MAX_PAGES = 10;

const createdSchema = z.object({ id: z.string().min(15).max(18), success: z.literal(true) });
const pageSchema = z.object({
  records: z.array(z.unknown()),
  // A path, never an address: the access token goes along.
  nextRecordsUrl: z
    .string()
    .regex(/^\/services\/data\//)
    .optional(),
});

const countSchema = z.object({ totalSize: z.int().nonnegative() });

interface Call {
  method: 'GET' | 'POST' | 'PATCH';
  /** For messages. */
  name: string;
  /** What follows the version, or all of it from `/services/` on. */
  path: string;
  body?: Record<string, unknown>;
  signal: AbortSignal | undefined;
}

/**
 * One login for all calls: those that come at the same time wait for the same one. A session that has ended (401) is
 * replaced once for each call; Salesforce has done nothing then, so that a write can be repeated too.
 *
 * @param login its `timeoutMs` holds for the login and for each call
 */
export function createSalesforceApi(login: SalesforceLogin): SalesforceApi {
  let opening: Promise<SalesforceSession> | undefined;
  let instanceUrl: string | undefined;

  function open(): Promise<SalesforceSession> {
    opening ??= logIn(login).then(
      (session) => {
        instanceUrl = session.instanceUrl;
        return session;
      },
      (error: unknown) => {
        opening = undefined;
        throw error;
      },
    );
    return opening;
  }

  async function call<T>(schema: z.ZodType<T>, asked: Call): Promise<T> {
    const used = open();
    const first = await attempt(await untilAborted(used, asked.signal), asked, login);
    if (!('sessionEnded' in first)) {
      return expectAnswer(schema, first.answer, `Salesforce (${asked.name})`);
    }
    if (opening === used) {
      opening = undefined;
    }
    const second = await attempt(await untilAborted(open(), asked.signal), asked, login);
    if ('sessionEnded' in second) {
      throw second.sessionEnded;
    }
    return expectAnswer(schema, second.answer, `Salesforce (${asked.name})`);
  }

  return {
    async query(record, soql, signal) {
      const found: unknown[] = [];
      let path: string | undefined = `/query?q=${encodeURIComponent(soql)}`;
      for (let page = 0; page < MAX_PAGES && path !== undefined; page += 1) {
        const answer: z.infer<typeof pageSchema> = await call(pageSchema, {
          method: 'GET',
          name: 'query',
          path,
          signal,
        });
        found.push(...answer.records);
        path = answer.nextRecordsUrl;
      }
      return expectAnswer(z.array(record), found, 'Salesforce (query)');
    },
    async count(soql, signal) {
      const path = `/query?q=${encodeURIComponent(soql)}`;
      return (await call(countSchema, { method: 'GET', name: 'count', path, signal })).totalSize;
    },
    async create(objectType, fields, signal) {
      const path = `/sobjects/${objectType}`;
      const made = await call(createdSchema, {
        method: 'POST',
        name: `create ${objectType}`,
        path,
        body: fields,
        signal,
      });
      return made.id;
    },
    async update(objectType, recordId, fields, signal) {
      const path = `/sobjects/${objectType}/${recordId}`;
      await call(z.unknown(), { method: 'PATCH', name: `update ${objectType}`, path, body: fields, signal });
    },
    recordUrl: (objectType, recordId) =>
      instanceUrl === undefined
        ? undefined
        : `${instanceUrl.replace(/\/+$/, '')}/lightning/r/${objectType}/${recordId}/view`,
  };
}

/** One call in one session. A session that has ended is told apart from a failure, with the error that it would be. */
async function attempt(
  session: SalesforceSession,
  asked: Call,
  { timeoutMs, dispatcher }: SalesforceLogin,
): Promise<{ answer: unknown } | { sessionEnded: CrmError }> {
  const limit = AbortSignal.timeout(timeoutMs);
  const signal = asked.signal === undefined ? limit : AbortSignal.any([limit, asked.signal]);
  const transport = createTransport({ signal, dispatcher });
  try {
    return { answer: await session.connection.request<unknown>(requestOf(asked), { transport }) };
  } catch (thrown) {
    if (thrown instanceof CrmError) {
      throw thrown;
    }
    const error = explain(thrown, transport.last(), asked, session, limit.aborted ? timeoutMs : undefined);
    if (transport.last()?.status === 401) {
      return { sessionEnded: error };
    }
    throw error;
  }
}

function requestOf({ method, path, body }: Call): HttpRequest {
  return body === undefined
    ? { method, url: path }
    : { method, url: path, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

/** @param exceededMs the time limit, when it was what ended the call */
function explain(
  thrown: unknown,
  answer: LastAnswer | undefined,
  asked: Call,
  session: SalesforceSession,
  exceededMs: number | undefined,
): CrmError {
  if (answer !== undefined) {
    return errorOfAnswer(thrown, answer, asked.name, [session.accessToken]);
  }
  const reason = thrown instanceof Error ? ('code' in thrown ? String(thrown.code) : thrown.name) : 'unknown reason';
  const why =
    exceededMs === undefined
      ? `could not be reached for ${asked.name} (${reason})`
      : `did not answer ${asked.name} within ${exceededMs} ms`;
  return new CrmError('unavailable', `Salesforce ${why}. The call can be repeated.`, { cause: thrown });
}

/** The login is shared, so a caller that gives up only stops waiting for it. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) {
    return work;
  }
  let giveUp: () => void = () => undefined;
  const givenUp = new Promise<never>((_resolve, reject) => {
    giveUp = () =>
      reject(
        new CrmError('unavailable', 'The caller gave up while Salesforce was logging in.', { cause: signal.reason }),
      );
  });
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) {
    giveUp();
  }
  try {
    return await Promise.race([work, givenUp]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
