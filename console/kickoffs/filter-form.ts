import { html, type Markup } from '../page/html.ts';
import { crmName } from '../words/crm.ts';
import { isPhase, PHASE_WORDS } from '../words/phase.ts';
import { isFiltered, type KickoffsFilter, MAIN_WORKSTREAM, onlyKickoffs } from './address.ts';
import { workstreamName } from './filter-words.ts';

/** What there is to choose from here. */
export interface FilterChoices {
  crms: readonly string[];
  /** Named ones. */
  workstreams: readonly string[];
}

/** The search box, and under it what else may be chosen by. One form: it keeps all of them, and works without script. */
export function filterForm(filter: KickoffsFilter, choices: FilterChoices): Markup {
  const { search, zone } = filter;
  return html`<form method="get" action="/kickoffs" role="search" id="filter">
<div class="search-box">
<label for="q">Deal, account, person or request</label>
<div class="actions"><input type="search" id="q" name="q" size="48" value="${search}" maxlength="200" placeholder="Acme, ada@acme.example, 5012, mr_…"> <button type="submit" class="primary">Search</button></div>
</div>
<details>
<summary>Filters</summary>
<fieldset>
<legend>Phase</legend>
<div class="fields">
${Object.keys(PHASE_WORDS).map((phase) => phaseBox(phase, filter))}</div>
</fieldset>
<p class="check"><input type="checkbox" id="needs" name="needs" value="person"${filter.needsPerson && html` checked`}><label for="needs">Only those that ask a person something, failed steps included</label></p>
<div class="fields">
${field('account', 'Account (its id)', filter.account)}${field('organizer', 'Organizer (e-mail address)', filter.organizer)}${crmField(filter, choices)}${workstreamField(filter, choices)}<div class="field"><label for="from">Begun on or after</label><input type="date" id="from" name="from" value="${filter.from}"></div>
<div class="field"><label for="to">Begun on or before</label><input type="date" id="to" name="to" value="${filter.to}"></div>
</div>
<p class="hint">Days are those of ${zone}.</p>
<p class="actions"><button type="submit">Show these</button>${isFiltered(filter) && html` <a href="${onlyKickoffs({})}">Show all</a>`}</p>
</details>
</form>`;
}

function phaseBox(phase: string, { phases }: KickoffsFilter): Markup | undefined {
  if (!isPhase(phase)) return undefined;
  const id = `phase-${phase}`;
  return html`<p class="check"><input type="checkbox" id="${id}" name="phase" value="${phase}"${phases.includes(phase) && html` checked`}><label for="${id}">${PHASE_WORDS[phase].label}</label></p>\n`;
}

function field(name: string, label: string, value: string | undefined): Markup {
  return html`<div class="field"><label for="${name}">${label}</label><input id="${name}" name="${name}" value="${value}" maxlength="200"></div>\n`;
}

function crmField({ crm }: KickoffsFilter, { crms }: FilterChoices): Markup | undefined {
  const all = crm === undefined || crms.includes(crm) ? crms : [...crms, crm];
  if (all.length < 2 && crm === undefined) return undefined;
  return select('crm', 'CRM', crm, new Map(all.map((name) => [name, crmName(name)])));
}

function workstreamField({ workstream }: KickoffsFilter, { workstreams }: FilterChoices): Markup | undefined {
  const known = [MAIN_WORKSTREAM, ...workstreams];
  const all = workstream === undefined || known.includes(workstream) ? known : [...known, workstream];
  if (all.length < 2) return undefined;
  return select('workstream', 'Workstream', workstream, new Map(all.map((name) => [name, workstreamName(name)])));
}

function select(name: string, label: string, chosen: string | undefined, options: ReadonlyMap<string, string>): Markup {
  return html`<div class="field"><label for="${name}">${label}</label><select id="${name}" name="${name}">
<option value="">any</option>
${[...options].map(([value, text]) => html`<option value="${value}"${value === chosen && html` selected`}>${text}</option>\n`)}</select></div>
`;
}
