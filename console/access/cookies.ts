import type { FastifyReply, FastifyRequest } from 'fastify';
import { isToken } from './token.ts';

/** `session`: who is signed in. `browser`: which browser is signing in, until it has. */
type CookieName = 'session' | 'browser';

interface Transport {
  /** Cookies are sent over TLS only. */
  secureCookies: boolean;
}

/**
 * Behind TLS the name begins with `__Host-`: a browser takes such a cookie only from this very host, so that no neighbour
 * below the same domain can plant one (RFC 6265bis, 4.1.3.2).
 */
export function cookieName(name: CookieName, { secureCookies }: Transport): string {
  return `${secureCookies ? '__Host-' : ''}kickoff_${name}`;
}

/** The token in a cookie; undefined when there is none that could be ours. */
export function readCookie(request: FastifyRequest, name: CookieName, transport: Transport): string | undefined {
  const value = request.cookies[cookieName(name, transport)];
  return isToken(value) ? value : undefined;
}

/**
 * `Lax`: an identity provider sends people back here by a redirect, and links in mails lead to pages. No form of another
 * site carries the cookie.
 *
 * @param seconds how long the browser keeps it
 */
export function setCookie(
  reply: FastifyReply,
  name: CookieName,
  token: string,
  { seconds, ...transport }: Transport & { seconds: number },
): void {
  reply.setCookie(cookieName(name, transport), token, { ...attributesOf(transport), maxAge: Math.floor(seconds) });
}

export function clearCookie(reply: FastifyReply, name: CookieName, transport: Transport): void {
  reply.clearCookie(cookieName(name, transport), attributesOf(transport));
}

function attributesOf({ secureCookies }: Transport) {
  return { httpOnly: true, sameSite: 'lax', path: '/', secure: secureCookies } as const;
}
