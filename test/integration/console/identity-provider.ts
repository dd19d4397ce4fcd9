import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Adapter, type AdapterPayload, type Configuration, type JWK } from 'oidc-provider';
import { onTestFinished } from 'vitest';

export interface IdentityProvider {
  issuer: string;
  /** Who signs in there next: their id and what is known of them. `denied`: they are not let in. */
  person: { id: string; claims: Record<string, unknown> } | 'denied';
  close(): Promise<void>;
}

/** What the provider keeps, for as long as its test runs. */
class Memory implements Adapter {
  readonly #kept = new Map<string, AdapterPayload>();
  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    this.#kept.set(id, payload);
  }
  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#kept.get(id);
  }
  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return [...this.#kept.values()].find((payload) => payload.uid === uid);
  }
  async findByUserCode(): Promise<undefined> {
    return undefined;
  }
  async consume(id: string): Promise<void> {
    const payload = this.#kept.get(id);
    if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
  }
  async destroy(id: string): Promise<void> {
    this.#kept.delete(id);
  }
  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [id, payload] of this.#kept) if (payload.grantId === grantId) this.#kept.delete(id);
  }
}

/** Making one takes longer than everything else here. */
const KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });

/** A real OpenID provider on a free port, in which whoever is `person` signs in without being asked anything. */
export async function startIdentityProvider(options: {
  clientSecret: string;
  redirectUri: string;
  /** Groups are told by the userinfo endpoint alone, as OpenID Connect Core 5.4 has it. */
  onlyUserinfo?: boolean;
  authMethod?: 'client_secret_basic' | 'client_secret_post';
}): Promise<IdentityProvider> {
  let answer = (_request: IncomingMessage, response: ServerResponse): void => {
    response.end();
  };
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const running: IdentityProvider = {
    issuer,
    person: { id: 'p-1', claims: {} },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  const provider = new Provider(issuer, configurationOf(running, options));
  const callback = provider.callback();
  answer = (request, response) => {
    const isInteraction = request.url?.startsWith('/interaction/') === true;
    void (isInteraction ? interact(provider, running, request, response) : callback(request, response));
  };
  onTestFinished(() => running.close());
  return running;
}

function configurationOf(
  running: IdentityProvider,
  {
    clientSecret,
    redirectUri,
    onlyUserinfo = false,
    authMethod = 'client_secret_basic',
  }: Parameters<typeof startIdentityProvider>[0],
): Configuration {
  const scope = 'openid profile email';
  return {
    adapter: Memory,
    clients: [
      {
        client_id: 'kickoff',
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: authMethod,
      },
    ],
    clientAuthMethods: [authMethod],
    jwks: { keys: [{ ...KEY, use: 'sig', alg: 'RS256' } as JWK] },
    cookies: { keys: ['a key of tests'] },
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['name', 'groups'], email: ['email'] },
    conformIdTokenClaims: onlyUserinfo,
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: async () => ({ ...(running.person === 'denied' ? {} : running.person.claims), sub: id }),
    }),
    // Nobody is asked whether Kickoff may know them.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({ clientId: 'kickoff', accountId: oidc.session?.accountId });
      grant.addOIDCScope(scope);
      await grant.save();
      return grant;
    },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
  };
}

async function interact(
  provider: Provider,
  { person }: IdentityProvider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const result =
    person === 'denied'
      ? { error: 'access_denied', error_description: 'not today' }
      : { login: { accountId: person.id, remember: false } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}
