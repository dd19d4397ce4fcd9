import type { FastifyRequest } from 'fastify';
import { type ConsoleSessionRow, listRecoveries } from '../../database/index.ts';
import type { ConsoleContext } from '../context.ts';
import { ZONE_COOKIE, zoneOf } from '../live/zone-cookie.ts';
import type { Visit } from '../visit.ts';

/** So long is it believed that there are no leads. That there are some is believed for good. */
const LEADS_ASKED_EVERY_MS = 30_000;

/** Gives what makes of a session's request a visit. */
export function visitMaker(
  context: ConsoleContext,
): (request: FastifyRequest, session: ConsoleSessionRow) => Promise<Visit> {
  const hasLeads = leadsAsker(context);
  return async (request, session) => ({
    viewer: { subject: session.subject, name: session.name, role: session.role },
    may: mayOf(session, context.access.readOnly),
    csrfToken: session.csrf_token,
    zone: zoneOf(request.cookies[ZONE_COOKIE]),
    temporalUi: context.temporalUi,
    hasSandbox: context.sandbox !== undefined,
    hasLeads: await hasLeads(),
  });
}

function mayOf({ role }: ConsoleSessionRow, readOnly: boolean): Visit['may'] {
  if (readOnly) return 'only look: read-only';
  return role === 'operator' ? 'act' : 'only look: viewer';
}

function leadsAsker({ database, hasRecovery, now }: ConsoleContext): () => Promise<boolean> {
  let known = hasRecovery;
  let askAgainAt = 0;
  return async () => {
    if (known || now().getTime() < askAgainAt) return known;
    known = (await listRecoveries(database.db, { limit: 1 })).length > 0;
    askAgainAt = now().getTime() + LEADS_ASKED_EVERY_MS;
    return known;
  };
}
