import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ConsoleContext } from '../context.ts';
import { SCRIPT_PATH, STYLESHEET_PATH } from '../page/layout.ts';
import { checkForm, FormRefused, refuseForeignOrigin } from './check-form.ts';
import { addLinks } from './link-pages.ts';
import { visitMaker } from './make-visit.ts';
import { SIGN_IN_LIMITS } from './options.ts';
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
const FORM_BYTES = 65_536;
const SIGN_IN_BYTES = 16_384;

/**
 * Puts every page that is added to `app` behind the sign-in, and adds those of signing in. Whatever is posted comes from a page
 * of this console and carries the session's token: a body that is parsed is looked at here, an action's multipart body by
 * whoever reads its fields (`checkForm`).
 */
export async function addAccess(app: FastifyInstance, context: ConsoleContext): Promise<void> {
  const { access } = context;
  const visitOf = visitMaker(context);
  await app.register(cookie);
  await app.register(formbody, { bodyLimit: FORM_BYTES });
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
    if (isReading(request) || isPublic(request) || isFileForAction(request)) return;
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
    addSignIn(signingIn, context, ofRoute);
    addLinks(signingIn, context, ofRoute);
    addSignOut(signingIn, context);
  });
}

function isReading({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

function isPublic({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.isPublic === true || PUBLIC_FILES.has(routeOptions.url ?? '');
}

/** The stream of changes: script alone asks for it, whether somebody is there or not. */
function isWatching({ routeOptions, headers }: FastifyRequest): boolean {
  return routeOptions.url?.startsWith('/live') === true || headers.accept === 'text/event-stream';
}

/** Actions read multipart bodies as they come, and look at the token when they have it. */
function isFileForAction({ headers, routeOptions }: FastifyRequest): boolean {
  const isFile = headers['content-type']?.toLowerCase().startsWith('multipart/') === true;
  return isFile && routeOptions.url?.startsWith('/actions/') === true;
}

function csrfOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'csrf' in body ? body.csrf : undefined;
}

function signInAddress(wanted: string): string {
  return wanted === '/' ? '/sign-in' : `/sign-in?to=${encodeURIComponent(wanted)}`;
}
