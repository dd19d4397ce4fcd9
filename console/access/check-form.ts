import type { FastifyRequest } from 'fastify';
import { isSame } from './token.ts';

/** A form that was not sent from a page of this console, or not by this session. */
export class FormRefused extends Error {
  override readonly name = 'FormRefused';
  readonly code = 'form_refused';
  readonly statusCode = 403;
}

/**
 * Holds a form's token against that of the session. Every form that is posted goes through here before it is acted on; those
 * that Fastify parses do so by themselves, a multipart body when its fields have been read.
 *
 * @param csrf the form's field `csrf`; script may send the header `x-csrf-token` instead
 * @throws {FormRefused} also when nobody is signed in
 */
export function checkForm(request: FastifyRequest, csrf: unknown): void {
  const wanted: string | undefined = request.visit?.csrfToken;
  const given = csrf ?? request.headers['x-csrf-token'];
  if (wanted !== undefined && wanted !== '' && isSame(given, wanted)) return;
  throw new FormRefused(
    'This form belongs to a session that has ended, or was not sent from this console. Nothing was done. Open the page again and send it from there.',
  );
}

/**
 * Refuses what another site has a browser send: a second wall beside the token. Browsers say so in `Sec-Fetch-Site`; older
 * ones, and all of them over plain HTTP, in `Origin`. Who sends neither is no browser.
 *
 * @param publicUrl where browsers find the console, if a proxy puts another name into `Host`
 * @throws {FormRefused}
 */
export function refuseForeignOrigin(request: FastifyRequest, publicUrl: string | undefined): void {
  const { origin, host, 'sec-fetch-site': site } = request.headers;
  if (site !== undefined ? site === 'same-origin' || site === 'none' : isOurs(origin, host, publicUrl)) return;
  throw new FormRefused('Another site had your browser send this. Nothing was done.');
}

function isOurs(origin: string | undefined, host: string | undefined, publicUrl: string | undefined): boolean {
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const given = new URL(origin);
  return given.host === host || (publicUrl !== undefined && given.origin === new URL(publicUrl).origin);
}
