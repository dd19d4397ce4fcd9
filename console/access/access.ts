import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ConsoleContext } from '../context.ts';
import { LIVE_PATH, REFRESH_HEADER } from '../live/protocol.ts';
import { SCRIPT_PATH, STYLESHEET_PATH } from '../page/layout.ts';
import { checkForm, FormRefused, refuseForeignOrigin } from './check-form.ts';
import { addLinks } from './link-pages.ts';
import { visitMaker } from './make-visit.ts';
import { addOidc } from './oidc-pages.ts';
import { SIGN_IN_LIMITS } from './options.ts';
import { createProvider } from './provider.ts';
import { TooManyAttempts } from './refusals.ts';
import { sessionOf } from './session.ts';
import { addSignIn } from './sign-in.ts';
import { addSignOut } from './sign-out.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Nobody need be signed in, and nobody is: the route has no `request.visit`. */
    isPublic?: boolean;
  }
}

/** What the sign-in page itself looks and works by. */
const PUBLIC_FILES: ReadonlySet<string> = new Set([STYLESHEET_PATH, SCRIPT_PATH]);
const SIGN_IN_BYTES = 16_384;

/**
 * Puts every page that is added to `app` behind the sign-in, and adds those of signing in. Whatever is posted comes from a page
 * of this console and carries the session's token: that is looked at here, but for actions, which look at it when they have
 * read their fields, and write down what they refuse.
 */
export async function addAccess(app: FastifyInstance, context: ConsoleContext): Promise<void> {
  const { access } = context;
  const visitOf = visitMaker(context);
  await app.register(cookie);
  await app.register(formbody);
  app.decorateRequest('visit');

  app.addHook('onRequest', async (request, reply) => {
    if (!isReading(request)) refuseForeignOrigin(request, access.publicUrl);
    if (isPublic(request)) return;
    const session = await sessionOf(context, request, !isWatching(request));
    if (session !== undefined) {
      request.visit = await visitOf(request, session);
      return;
    }
    if (isWatching(request)) return reply.code(401).type('text/plain; charset=utf-8').send('Sign in first.\n');
    if (isReading(request)) return reply.redirect(signInAddress(request.url), 303);
    throw new FormRefused('You are not signed in any more. Nothing was done. Sign in, and send it again.');
  });
  app.addHook('preHandler', async (request) => {
    if (isReading(request) || isPublic(request) || isAction(request)) return;
    checkForm(request, csrfOf(request.body));
  });

  await app.register(async (signingIn) => {
    const { byAddress, windowMs } = { ...SIGN_IN_LIMITS, ...access.limits };
    await signingIn.register(rateLimit, {
      global: false,
      max: byAddress,
      timeWindow: windowMs,
      // Whoever has one address of IPv6 has 2^64 of them.
      ipv6Subnet: 64,
      errorResponseBuilder: (_request, { ttl }) => new TooManyAttempts(Math.max(1, Math.ceil(ttl / 1000))),
    });
    const ofRoute = { bodyLimit: SIGN_IN_BYTES, onRequest: signingIn.rateLimit() };
    const provider = access.oidc && createProvider(access.oidc);
    addSignIn(signingIn, context, ofRoute);
    addLinks(signingIn, context, ofRoute);
    if (access.oidc && provider) addOidc(signingIn, context, { oidc: access.oidc, provider, ofRoute });
    addSignOut(signingIn, context, { provider, bodyLimit: SIGN_IN_BYTES });
  });
}

function isReading({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

function isPublic({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.isPublic === true || PUBLIC_FILES.has(routeOptions.url ?? '');
}

/** The stream of changes, and a page that the script asks for again: it does so whether somebody is there or not. */
function isWatching({ routeOptions, headers }: FastifyRequest): boolean {
  return routeOptions.url === LIVE_PATH || headers[REFRESH_HEADER] !== undefined;
}

/** What `action/pages.ts` takes: it looks at the token itself, of a form with files too. */
function isAction({ routeOptions: { url = '' } }: FastifyRequest): boolean {
  return url.startsWith('/actions/') || url.startsWith('/bulk/');
}

function csrfOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'csrf' in body ? body.csrf : undefined;
}

function signInAddress(wanted: string): string {
  return wanted === '/' ? '/sign-in' : `/sign-in?to=${encodeURIComponent(wanted)}`;
}
