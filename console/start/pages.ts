import type { FastifyReply, FastifyRequest } from 'fastify';
import { takeForms } from '../action/pages.ts';
import { textIn, textsOf } from '../action/posted.ts';
import type { AddPages, ConsoleContext } from '../context.ts';
import { send } from '../send.ts';
import { askedOf } from './asked.ts';
import { faultsByField } from './deal-form.ts';
import { faultsInOne } from './faults.ts';
import { rehearse } from './rehearse.ts';
import { rehearsalPage, startPage } from './view.ts';

/** Pasted JSON, in which a form sends a good part of the characters as three. */
const FORM_BYTES = 256_000;

/**
 * `/start`: by a deal's id, in an address that can be passed on. `/start/deal`: a whole deal, by a form or as JSON; it is
 * posted because it names people, and does nothing. Either shows the rehearsal first.
 */
export const addStart: AddPages = (app, context) => {
  app.get('/start', async (request, reply) => await answer(context, request, reply, 'id'));
  app.register(async (forms) => {
    await takeForms(forms);
    forms.get('/start/deal', async (request, reply) => await answer(context, request, reply, 'deal'));
    forms.post(
      '/start/deal',
      { bodyLimit: FORM_BYTES },
      async (request, reply) => await answer(context, request, reply, 'deal'),
    );
  });
};

async function answer(
  { client, crms, workstreams, now }: ConsoleContext,
  request: FastifyRequest,
  reply: FastifyReply,
  by: 'id' | 'deal',
): Promise<FastifyReply> {
  const { visit } = request;
  const posted = textsOf(by === 'id' || request.method === 'GET' ? request.query : request.body);
  const forms = { crms, workstreams, posted, faults: {} };
  const isOfForm = request.method === 'POST';
  const asked = isOfForm || by === 'id' ? askedOf(posted) : undefined;
  // More rows are no question yet.
  if (asked === undefined || (isOfForm && textIn(posted, 'more') !== '')) {
    return send(reply, startPage(visit, by, forms));
  }
  if (Object.keys(asked.faults).length > 0) {
    return send(reply.code(422), startPage(visit, by, { ...forms, faults: asked.faults }));
  }
  const rehearsed = await rehearse(client, asked.input);
  if ('preview' in rehearsed) {
    return send(reply, rehearsalPage(visit, { asked, rehearsed, forms, now: now() }));
  }
  if ('faults' in rehearsed) {
    const faults =
      asked.by === 'json' ? { json: faultsInOne(rehearsed.faults) } : faultsByField(rehearsed.faults, asked.rows);
    return send(reply.code(422), startPage(visit, by, { ...forms, faults }));
  }
  return 'failed' in rehearsed
    ? send(reply.code(422), startPage(visit, by, forms, rehearsed.failed))
    : send(reply.code(503), startPage(visit, by, forms, rehearsed.silent));
}
