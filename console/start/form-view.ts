import type { Faults, Posted } from '../action/action.ts';
import { inputField, selectField, textField, tickField } from '../action/field.ts';
import { isTicked, textIn } from '../action/posted.ts';
import { html, type Markup } from '../page/html.ts';
import type { Visit } from '../visit.ts';
import { CONTACT_ROWS, type ContactField, contactField, MOST_CONTACTS } from './deal-form.ts';

/** What may be chosen, and what was typed before. */
export interface StartForms {
  crms: readonly string[];
  workstreams: readonly string[];
  posted: Posted;
  faults: Faults;
}

const CRM_NAMES: Record<string, string> = {
  hubspot: 'HubSpot',
  salesforce: 'Salesforce',
  pipedrive: 'Pipedrive',
  generic: 'No CRM of these (generic)',
};

export function crmName(crm: string): string {
  return CRM_NAMES[crm] ?? crm;
}

/** By the deal's id. The answer has an address that can be passed on. */
export function idForm({ crms, workstreams, posted, faults }: StartForms): Markup {
  const readable = crms.filter((crm) => crm !== 'generic');
  if (readable.length === 0) {
    return html`<p class="notice still">No CRM is configured that a deal could be read from: fill a whole deal in below, or configure <code>crm:</code> in <code>kickoff.config.yaml</code>.</p>`;
  }
  return html`<form class="action" method="get" action="/start">
${inputField({ name: 'deal', label: 'Deal id', hint: 'As the CRM has it: 5012345678', value: textIn(posted, 'deal'), required: true, maxLength: 128, faults })}
${readable.length > 1 && selectField({ name: 'crm', label: 'CRM', value: textIn(posted, 'crm'), required: true, options: readable.map((value) => ({ value, label: crmName(value) })), faults })}
${workstreamField({ workstreams, posted, faults }, 'workstream')}
<p><button type="submit" class="primary">Look first</button></p>
</form>`;
}

/** A whole deal, for those that no CRM has. */
export function dealForm(visit: Visit, forms: StartForms): Markup {
  const { crms, posted, faults } = forms;
  const value = (name: string) => textIn(posted, name);
  const wasSent = posted.id !== undefined;
  const options = crms.toSorted((one, other) => Number(other === 'generic') - Number(one === 'generic'));
  return html`<form class="action wide" method="post" action="/start/deal">
<input type="hidden" name="csrf" value="${visit.csrfToken}">
<fieldset>
<legend>Deal</legend>
<div class="fields">
${inputField({ name: 'id', label: 'Id', value: value('id'), required: true, maxLength: 128, faults })}
${inputField({ name: 'name', label: 'Name', value: value('name'), required: true, maxLength: 255, faults })}
${inputField({ name: 'account_name', label: 'Account', value: value('account_name'), required: true, maxLength: 255, faults })}
${inputField({ name: 'account_id', label: 'Account’s id', value: value('account_id'), required: true, maxLength: 128, faults })}
${inputField({ name: 'amount', label: 'Amount', value: value('amount'), maxLength: 20, faults })}
${inputField({ name: 'currency', label: 'Currency', value: value('currency'), maxLength: 3, faults })}
${inputField({ name: 'closed_at', type: 'date', label: 'Closed on', value: value('closed_at'), faults })}
${selectField({ name: 'deal_crm', label: 'CRM that steps write to', required: true, value: value('deal_crm'), options: options.map((crm) => ({ value: crm, label: crmName(crm) })), faults })}
${workstreamField(forms, 'workstream')}
</div>
${tickField({ name: 'is_won', label: 'The deal is won', isTicked: wasSent ? isTicked(posted, 'is_won') : true })}
</fieldset>
<fieldset>
<legend>Organizer</legend>
<div class="fields">
${inputField({ name: 'owner_email', type: 'email', label: 'E-mail', value: value('owner_email'), maxLength: 254, faults })}
${inputField({ name: 'owner_name', label: 'Name', value: value('owner_name'), maxLength: 255, faults })}
${inputField({ name: 'owner_timezone', label: 'Time zone', value: value('owner_timezone'), maxLength: 64, faults })}
</div>
</fieldset>
${Array.from({ length: rowsOf(posted) }, (_, index) => contactRow(index + 1, posted, faults))}
<p><button type="submit" class="primary">Look first</button> ${rowsOf(posted) < MOST_CONTACTS && html`<button type="submit" name="more" value="${rowsOf(posted)}" formnovalidate>More rows</button>`}</p>
</form>`;
}

/** As the Temporal UI and `kickoff dispatch --deal-file` take it. */
export function jsonForm(visit: Visit, { posted, faults }: StartForms): Markup {
  return html`<form class="action" method="post" action="/start/deal">
<input type="hidden" name="csrf" value="${visit.csrfToken}">
${textField({ name: 'json', label: 'Deal as JSON', hint: html`For example <code>{"id": "5012", "crm": "generic", "name": "Acme, Enterprise", "isWon": true, "account": {"id": "77", "name": "Acme"}, "contacts": [{"email": "ada@acme.example", "labels": ["Champion"]}]}</code>`, value: typeof posted.json === 'string' ? posted.json : '', rows: 10, required: true, faults })}
<p><button type="submit">Look first</button></p>
</form>`;
}

/** Rows of the form: as many as there were, or more when more were asked for. */
function rowsOf(posted: Posted): number {
  const filled = Array.from({ length: MOST_CONTACTS }, (_, index) => index + 1).findLast(
    (row) => textIn(posted, contactField(row, 'email')) !== '',
  );
  const asked = Number(textIn(posted, 'more')) || 0;
  const wanted = Math.max(CONTACT_ROWS, filled ?? 0, asked > 0 ? asked + CONTACT_ROWS : 0);
  return Math.min(MOST_CONTACTS, wanted);
}

function contactRow(row: number, posted: Posted, faults: Faults): Markup {
  const field = (name: ContactField, label: string, type?: 'email') => {
    const key = contactField(row, name);
    const fault = faults[key];
    return html`<div class="field">
<label for="field-${key}">${label}</label>
${fault !== undefined && html`<p class="error" id="fault-${key}">${fault}</p>\n`}<input type="${type ?? 'text'}" id="field-${key}" name="${key}" value="${textIn(posted, key)}" maxlength="320" autocomplete="off"${fault !== undefined && html` aria-invalid="true" aria-describedby="fault-${key}"`}>
</div>`;
  };
  return html`<fieldset>
<legend>Contact ${row}</legend>
<div class="fields">
${field('email', 'E-mail', 'email')}
${field('name', 'Name')}
${field('labels', 'Roles, with commas between')}
${field('timezone', 'Time zone')}
</div>
</fieldset>
`;
}

function workstreamField({ workstreams, posted, faults }: Omit<StartForms, 'crms'>, name: string): Markup | undefined {
  if (workstreams.length === 0) return undefined;
  return selectField({
    name,
    label: 'Workstream',
    required: true,
    value: textIn(posted, name),
    options: [{ value: '', label: 'the main kickoff' }, ...workstreams.map((value) => ({ value, label: value }))],
    faults,
  });
}
