import type { Connection } from 'jsforce';
import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { expectAnswer } from '../http.ts';
import { CrmError } from '../port.ts';
import { errorOfLogin } from './errors.ts';
import { createTransport, type LastAnswer } from './transport.ts';

export interface SalesforceLogin {
  loginUrl: string;
  clientId: string | undefined;
  clientSecret: string | undefined;
  /** E.g. `65.0`. */
  apiVersion: string;
  /** Milliseconds for the login. */
  timeoutMs: number;
  dispatcher: Dispatcher | undefined;
}

/** A connection with its access token. */
export interface SalesforceSession {
  connection: Connection;
  /** E.g. `https://acme.my.salesforce.com`. */
  instanceUrl: string;
  accessToken: string;
}

const tokenSchema = z.object({ access_token: z.string().min(1), instance_url: z.url({ protocol: /^https?$/ }) });

/**
 * Logs in with the OAuth client credentials flow. Loads jsforce, for which nobody without Salesforce pays.
 *
 * The connection knows neither client id nor secret, so that jsforce never renews the session on its own: it would do so
 * without end when a new token is refused too.
 *
 * @throws CrmError `configuration` when the credentials are missing, `unauthorized` when they are refused
 */
export async function logIn(login: SalesforceLogin): Promise<SalesforceSession> {
  const { clientId = '', clientSecret = '', loginUrl } = login;
  if (clientId === '' || clientSecret === '') {
    throw new CrmError('configuration', 'Salesforce cannot be called: set its client id and its client secret.');
  }
  const { Connection, OAuth2 } = await import('jsforce');
  const signal = AbortSignal.timeout(login.timeoutMs);
  const transport = createTransport({ signal, dispatcher: login.dispatcher });
  // jsforce takes no transport for this call; the version is pinned, and the tests fail when the field moves.
  const oauth = Object.assign(new OAuth2({ loginUrl, clientId, clientSecret }), { _transport: transport });
  let answer: unknown;
  try {
    answer = await oauth.requestToken({ grant_type: 'client_credentials' });
  } catch (thrown) {
    throw explain(thrown, transport.last(), login, signal.aborted);
  }
  const { access_token: accessToken, instance_url: instanceUrl } = expectAnswer(
    tokenSchema,
    answer,
    'Salesforce (login)',
  );
  // The access token goes to this address, which must be as well protected as the login was.
  if (loginUrl.startsWith('https:') && !instanceUrl.startsWith('https:')) {
    throw new CrmError('malformed_answer', 'Salesforce (login) named an instance without https.');
  }
  const connection = new Connection({ instanceUrl, accessToken, version: login.apiVersion });
  return { connection, instanceUrl, accessToken };
}

function explain(thrown: unknown, answer: LastAnswer | undefined, login: SalesforceLogin, isLate: boolean): CrmError {
  if (thrown instanceof CrmError) {
    return thrown;
  }
  if (answer !== undefined) {
    return errorOfLogin(thrown, answer, [login.clientSecret ?? '']);
  }
  const why = isLate ? `did not answer the login within ${login.timeoutMs} ms` : 'could not be reached for the login';
  return new CrmError('unavailable', `Salesforce ${why}. It can be repeated.`, { cause: thrown });
}
