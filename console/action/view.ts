import { type Content, html, type Markup } from '../page/html.ts';
import { page } from '../page/layout.ts';
import { isolated } from '../page/link.ts';
import type { Visit } from '../visit.ts';
import type { Action, Faults, Posted, Prepared } from './action.ts';
import { faultList, textField } from './field.ts';
import { actionForm } from './form.ts';
import { textIn } from './posted.ts';

/** The workflow's own limit. In characters. */
export const LONGEST_REASON = 500;

interface Confirmed {
  action: Pick<Action, 'name' | 'label' | 'isDangerous' | 'reason' | 'upload'>;
  on: string;
  prepared: Prepared;
  posted: Posted;
  faults: Faults;
}

/** What will happen, and the form that lets it happen. */
export function confirmationPage(visit: Visit, confirmed: Confirmed): Markup {
  const { action, prepared, faults } = confirmed;
  return page(
    visit,
    { title: action.label },
    html`<h1>${action.label}</h1>
<p><strong>${isolated(prepared.title)}</strong></p>
<div>${paragraph(prepared.about)}</div>
${prepared.impossible === undefined ? form(visit, confirmed) : html`${faultList(faults)}<p class="notice still">${prepared.impossible}</p>\n<p><a href="${prepared.back}">Back</a></p>`}`,
  );
}

function form(visit: Visit, { action, on, prepared, posted, faults }: Confirmed): Markup {
  const { fields, back } = prepared;
  return html`${faultList(faults)}
${actionForm(
  visit,
  { action: action.name, on, upload: action.upload === true },
  html`${typeof fields === 'function' ? fields(faults) : fields}
${action.reason === 'required' && reasonField(textIn(posted, 'reason'), faults)}
${decision(action, back)}`,
)}`;
}

/** Why it is done; whoever did it answers for it. */
export function reasonField(value: string, faults: Faults): Markup {
  return textField({
    name: 'reason',
    label: 'Why?',
    hint: `It is kept in the audit log. At most ${LONGEST_REASON} characters.`,
    value,
    required: true,
    maxLength: LONGEST_REASON,
    faults,
  });
}

/** Do it, or do not. */
export function decision({ label, isDangerous }: Pick<Action, 'label' | 'isDangerous'>, back: string): Markup {
  return html`<p><button type="submit" class="${isDangerous === true ? 'danger' : 'primary'}">${label}</button> <a href="${back}">Do not</a></p>`;
}

/** @returns what is wrong with the reason; empty when nothing is */
export function reasonFaults(action: Pick<Action, 'reason'>, reason: string): Faults {
  if (action.reason === 'none') return {};
  if (reason === '') return { reason: 'Say why: whoever looks at it later will want to know.' };
  return reason.length > LONGEST_REASON
    ? { reason: `The reason has ${reason.length} characters; at most ${LONGEST_REASON} are kept. Shorten it.` }
    : {};
}

/** A sentence becomes a paragraph; what is markup already stays as it is. */
function paragraph(about: Content): Content {
  return typeof about === 'string' ? html`<p>${about}</p>` : about;
}
