import * as client from 'openid-client';
import type { OidcOptions } from './options.ts';
import { claimOf } from './role-of.ts';
import { newToken } from './token.ts';

/** How long the provider may take for one answer. */
const TIMEOUT_SECONDS = 10;

type ProviderErrorCode = 'provider_unreachable' | 'provider_refused' | 'answer_not_verified';

/** A sign-in at the identity provider that came to nothing; the message is for whoever tried. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly code: ProviderErrorCode;
  constructor(code: ProviderErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What is checked when somebody comes back. */
export interface BegunSignIn {
  state: string;
  nonce: string;
  codeVerifier: string;
}

export interface Provider {
  /** @returns where the browser goes, and what to keep for {@link end}. @throws {ProviderError} */
  begin(): Promise<BegunSignIn & { url: string }>;
  /**
   * Verifies what the browser came back with, and asks who it is.
   *
   * @param search the query of the address that it came to
   * @returns what the provider says of the person, verified
   * @throws {ProviderError}
   */
  end(search: string, begun: BegunSignIn): Promise<Record<string, unknown> & { sub: string }>;
  /** Where people sign out at the provider; undefined when it has no such place, or does not answer. */
  signOutUrl(): Promise<string | undefined>;
}

/**
 * An OpenID provider, by authorization code with PKCE (RFC 7636), state and nonce. It is looked up when somebody first signs
 * in, and again after a look-up has failed: one that is down keeps nothing here from starting.
 */
export function createProvider(options: OidcOptions): Provider {
  let known: client.Configuration | undefined;

  async function configuration(): Promise<client.Configuration> {
    known ??= await discover(options);
    return known;
  }

  return {
    begin: async () => {
      const config = await configuration();
      const [state, nonce, codeVerifier] = [newToken(), newToken(), client.randomPKCECodeVerifier()];
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: options.redirectUri,
        scope: options.scopes.join(' '),
        code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      });
      return { url: url.href, state, nonce, codeVerifier };
    },

    end: async (search, { state, nonce, codeVerifier }) => {
      const config = await configuration();
      // The address as it is registered at the provider, not as some proxy has it.
      const came = new URL(options.redirectUri);
      came.search = search;
      try {
        const tokens = await client.authorizationCodeGrant(config, came, {
          pkceCodeVerifier: codeVerifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined) throw new Error('no id token');
        const { userinfo_endpoint: userinfo } = config.serverMetadata();
        const isEnough = claimOf(claims, options.roleClaim) !== undefined && claims.name !== undefined;
        if (isEnough || userinfo === undefined) return { ...claims };
        // Some providers tell names and groups there alone (OpenID Connect Core 1.0, 5.4).
        return { ...(await client.fetchUserInfo(config, tokens.access_token, claims.sub)), ...claims };
      } catch (error) {
        throw explained(error, options.label);
      }
    },

    signOutUrl: async () => {
      try {
        const config = await configuration();
        if (config.serverMetadata().end_session_endpoint === undefined) return undefined;
        return client.buildEndSessionUrl(config).href;
      } catch (error) {
        // Whoever is signed out here is so whether the provider answers or not.
        if (error instanceof ProviderError) return undefined;
        throw error;
      }
    },
  };
}

async function discover({ issuer, clientId, clientSecret, label }: OidcOptions): Promise<client.Configuration> {
  const server = new URL(issuer);
  const execute = [client.enableNonRepudiationChecks];
  // The configuration lets only an issuer on this machine do without TLS.
  if (server.protocol === 'http:') execute.push(client.allowInsecureRequests);
  try {
    return await client.discovery(server, clientId, undefined, secretAuth(clientSecret), {
      execute,
      timeout: TIMEOUT_SECONDS,
    });
  } catch (error) {
    throw new ProviderError(
      'provider_unreachable',
      `The sign-in of ${label} does not answer. Try again in a while; accounts of this console work meanwhile.`,
      { cause: error },
    );
  }
}

/** In the header, unless the provider takes it in the body alone. Source: OpenID Connect Discovery 1.0, 3. */
function secretAuth(secret: string): client.ClientAuth {
  const [basic, post] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)];
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    (methods.includes('client_secret_basic') ? basic : post)(server, ...rest);
  };
}

function explained(error: unknown, label: string): ProviderError {
  if (error instanceof client.AuthorizationResponseError) {
    const { error: code } = error;
    const why = code === 'access_denied' ? 'You were not let in' : `It answered “${code.slice(0, 100)}”`;
    return new ProviderError('provider_refused', `${why} by the sign-in of ${label}.`, { cause: error });
  }
  if (isAnswerOfError(error) || isUnreachable(error)) {
    return new ProviderError(
      'provider_unreachable',
      `The sign-in of ${label} began and could not be finished: it did not answer as it should. The server’s log has more.`,
      { cause: error },
    );
  }
  return new ProviderError('answer_not_verified', `What came from the sign-in of ${label} could not be verified.`, {
    cause: error,
  });
}

/** The provider has answered with an error of its own: the code is over, or it does not know Kickoff by this secret. */
function isAnswerOfError(error: unknown): boolean {
  return error instanceof client.ResponseBodyError || error instanceof client.WWWAuthenticateChallengeError;
}

function isUnreachable(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof Error && 'code' in error && error.code === 'OAUTH_TIMEOUT');
}
