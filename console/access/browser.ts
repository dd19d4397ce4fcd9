import type { FastifyReply, FastifyRequest } from 'fastify';
import { FormRefused } from './check-form.ts';
import { readCookie, setCookie } from './cookies.ts';
import type { AccessOptions } from './options.ts';
import { digestOf, isSame, newToken } from './token.ts';

const DAY_SECONDS = 86_400;

/** The token of a browser that is about to sign in: the one it has, else a new one. */
export function browserOf(request: FastifyRequest, reply: FastifyReply, access: AccessOptions): string {
  const token = readCookie(request, 'browser', access) ?? newToken();
  setCookie(reply, 'browser', token, { ...access, seconds: DAY_SECONDS });
  return token;
}

/** What the forms of signing in carry: made of the browser's cookie, which no other site can read or set. */
export function formTokenOf(browser: string): string {
  return digestOf(`form of ${browser}`);
}

/**
 * Refuses a sign-in form that this browser was not given: otherwise another site could sign people in under a name of its
 * choosing, and see what they then do.
 *
 * @throws {FormRefused}
 */
export function checkSignInForm(request: FastifyRequest, csrf: unknown, access: AccessOptions): void {
  const browser = readCookie(request, 'browser', access);
  if (browser === undefined) throw new FormRefused(`Your browser did not send this page’s cookie. ${adviceOf(access)}`);
  if (isSame(csrf, formTokenOf(browser))) return;
  throw new FormRefused('This form is not from the sign-in page as your browser has it. Open it again.');
}

function adviceOf({ secureCookies, publicUrl }: AccessOptions): string {
  const address = secureCookies && publicUrl !== undefined ? `, and open the console at ${publicUrl}` : '';
  return `Allow cookies for this site${address}. Then open the sign-in page again.`;
}
