import { faultList } from '../action/field.ts';
import { actionForm } from '../action/form.ts';
import { reasonField } from '../action/view.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { page } from '../page/layout.ts';
import { isolated, kickoffPath } from '../page/link.ts';
import type { Visit } from '../visit.ts';
import { START, startFields, startTarget } from './action.ts';
import type { Asked } from './asked.ts';
import { dealForm, idForm, jsonForm, type StartForms } from './form-view.ts';
import { previewSections, prospectOf } from './preview-view.ts';
import type { Rehearsed } from './rehearse.ts';

/** Where one begins; with what was wrong with what was asked for. */
export function startPage(visit: Visit, by: 'id' | 'deal', forms: StartForms, trouble?: string): Markup {
  const title = by === 'id' ? 'Start a kickoff' : 'Start a kickoff for a whole deal';
  return page(
    visit,
    { title, place: '/start' },
    html`<h1>${title}</h1>
<p>First it is only looked at: whom it would invite, under which key, and what is missing. Nothing is started or written before you say so.</p>
${troubleNotice(trouble)}${faultList(forms.faults)}
${by === 'id' ? byId(forms) : byDeal(visit, forms)}`,
  );
}

function byId(forms: StartForms): Markup {
  return html`<section aria-labelledby="by-id">
<h2 id="by-id">A deal of the CRM</h2>
${idForm(forms)}
</section>
<p>The CRM does not have it? <a href="/start/deal">Fill a whole deal in</a></p>`;
}

function byDeal(visit: Visit, forms: StartForms): Markup {
  return html`<p>Does the CRM have it? <a href="/start">By its id</a></p>
${dealForm(visit, forms)}
<details${typeof forms.posted.json === 'string' && html` open`}>
<summary>Paste it as JSON instead</summary>
${jsonForm(visit, forms)}
</details>`;
}

/** What the kickoff would be; with the button that starts it, where there is something to start. */
export function rehearsalPage(
  visit: Visit,
  {
    asked,
    rehearsed,
    forms,
    now,
  }: { asked: Asked; rehearsed: Extract<Rehearsed, { preview: unknown }>; forms: StartForms; now: Date },
): Markup {
  const { preview, message } = rehearsed;
  return page(
    visit,
    { title: `Rehearsal: ${preview.deal.account}`, place: '/start' },
    html`<h1>Rehearsal: ${isolated(preview.deal.account)}</h1>
<p>Only looked at; nothing was started or written.</p>
<p><strong>${message}</strong></p>
${previewSections(visit, preview, now)}
${settle(visit, asked, rehearsed)}
<section aria-labelledby="another">
<h2 id="another">${asked.by === 'id' ? 'Another one' : 'Change it'}</h2>
${asked.by === 'id' ? byId(forms) : byDeal(visit, forms)}
</section>`,
  );
}

function settle(
  visit: Visit,
  asked: Asked,
  { preview, workflowId }: Extract<Rehearsed, { preview: unknown }>,
): Content {
  const prospect = prospectOf(preview);
  if (prospect === 'join' || prospect === 'refuse') {
    return html`<p><a class="button" href="${kickoffPath(workflowId)}">To its kickoff</a></p>`;
  }
  if (visit.may !== 'act') return undefined;
  const input = { ...asked.input, ...(asked.by === 'id' && { dealId: preview.deal.id }) };
  return html`<section aria-labelledby="start">
<h2 id="start">${prospect === 'start' ? 'Start it' : 'Start it again'}</h2>
${actionForm(
  visit,
  { action: START.name, on: startTarget(input) },
  html`${startFields(input)}
${reasonField('', {})}
<p><button type="submit" class="primary">${prospect === 'start' ? START.label : 'Start it again'}</button></p>`,
)}
</section>`;
}

function troubleNotice(trouble: string | undefined): Markup | undefined {
  return trouble === undefined ? undefined : html`<p class="notice alert" role="alert">${trouble}</p>\n`;
}
