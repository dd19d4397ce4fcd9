import type { Faults, Posted } from '../../action/action.ts';
import { inputField, selectField } from '../../action/field.ts';
import { textIn, textsOf } from '../../action/posted.ts';
import type { AddPages, ConsoleContext } from '../../context.ts';
import { addressOf } from '../../page/address.ts';
import { type Content, html, type Markup } from '../../page/html.ts';
import { page } from '../../page/layout.ts';
import { isolated } from '../../page/link.ts';
import { send } from '../../send.ts';
import { askedOf } from '../../start/asked.ts';
import { faultsInOne } from '../../start/faults.ts';
import { previewSections } from '../../start/preview-view.ts';
import { rehearse } from '../../start/rehearse.ts';
import type { Visit } from '../../visit.ts';

/**
 * `/registry/check?deal=…&crm=…&workstream=…`: whom a deal would invite if its kickoff began now, and why. A worker finds it
 * out from CRM and registry; nothing is started.
 */
export const addCheck: AddPages = (app, context) => {
  app.get('/registry/check', async (request, reply) => {
    const { visit } = request;
    const { deal, crm, workstream } = textsOf(request.query);
    const posted = { deal, crm, workstream };
    // An address that names a deal twice names none.
    const asked = askedOf(posted);
    if (asked === undefined) return send(reply, checkPage(visit, context, posted));
    if (Object.keys(asked.faults).length > 0) {
      return send(reply.code(422), checkPage(visit, context, posted, { faults: asked.faults }));
    }
    const rehearsed = await rehearse(context.client, asked.input);
    if ('preview' in rehearsed) {
      const { preview } = rehearsed;
      const start = addressOf('/start', { deal: textIn(posted, 'deal'), crm: textIn(posted, 'crm') });
      const found = html`<p>Whom ${isolated(preview.deal.name)} would invite as things are now. <a href="${start}">Start its kickoff</a></p>
${previewSections(visit, preview, context.now())}`;
      return send(reply, checkPage(visit, context, posted, { found }));
    }
    if ('faults' in rehearsed) {
      const faults = { deal: faultsInOne(rehearsed.faults) };
      return send(reply.code(422), checkPage(visit, context, posted, { faults }));
    }
    return 'failed' in rehearsed
      ? send(reply.code(422), checkPage(visit, context, posted, { problem: rehearsed.failed }))
      : send(reply.code(503), checkPage(visit, context, posted, { problem: rehearsed.silent }));
  });
};

function checkPage(
  visit: Visit,
  context: Pick<ConsoleContext, 'crms' | 'workstreams'>,
  posted: Posted,
  { faults = {}, problem, found }: { faults?: Faults; problem?: string; found?: Content } = {},
): Markup {
  return page(
    visit,
    { title: 'Whom would a deal invite?', place: '/registry' },
    html`<h1>Whom would a deal invite?</h1>
${found === undefined && html`<p>CRM and registry are asked as they are when its kickoff begins. Nothing is started, and nobody is written to.</p>`}
${problem !== undefined && html`<div class="notice alert" role="alert"><p>${problem}</p></div>`}
${form(context, posted, faults)}
${found}`,
  );
}

function form(
  { crms, workstreams }: Pick<ConsoleContext, 'crms' | 'workstreams'>,
  posted: Posted,
  faults: Faults,
): Markup {
  const choice = (value: string) => ({ value, label: value });
  return html`<form class="action" method="get" action="/registry/check">
${inputField({ name: 'deal', label: 'Deal', hint: 'Its id in the CRM.', value: textIn(posted, 'deal'), required: true, maxLength: 128, faults })}
${crms.length > 1 && selectField({ name: 'crm', label: 'CRM', value: textIn(posted, 'crm'), required: true, options: crms.map(choice), faults })}
${workstreams.length > 0 && selectField({ name: 'workstream', label: 'Workstream', value: textIn(posted, 'workstream'), required: true, options: [{ value: '', label: 'the main kickoff' }, ...workstreams.map(choice)], faults })}
<p class="actions"><button type="submit">Find out</button></p>
</form>`;
}
