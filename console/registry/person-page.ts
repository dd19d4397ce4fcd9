import { actionButton } from '../action/button.ts';
import { html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { page } from '../page/layout.ts';
import { isolated } from '../page/link.ts';
import type { Visit } from '../visit.ts';
import { OPT_IN_EVERYWHERE, OPT_OUT_EVERYWHERE } from './actions/names.ts';
import { type PersonFilter, personAddress } from './address.ts';
import { historySection } from './history.ts';
import { kickoffList } from './kickoff-list.ts';
import { peopleTable } from './people-table.ts';
import { KICKOFFS_SHOWN, type PersonDetails } from './read-person.ts';

/** One address: where the registry has it, whether it may be written to, and the kickoffs it is in. */
export function personPage(visit: Visit, person: PersonDetails, filter: PersonFilter, today: string): Markup {
  const { email, name, rows, kickoffs, history, optOut, hasMoreRows } = person;
  const optedOutEmails = new Map(optOut === undefined ? [] : [[email, optOut.reason] as const]);
  return page(
    visit,
    { title: name ?? email, place: '/registry', live: 'registry' },
    html`<h1>${isolated(name ?? email)}</h1>
${name !== undefined && html`<p>${isolated(email)}</p>`}
${writing(visit, person)}
<section data-part id="rows" aria-labelledby="rows-heading">
<h2 id="rows-heading">In the registry</h2>
${
  rows.length === 0
    ? html`<p>The registry has nobody with this address.</p>`
    : peopleTable(visit, { label: 'Entries, by account', rows, optedOutEmails, today, first: 'place' })
}
${hasMoreRows && html`<p>There are more: these are the first ${rows.length}.</p>`}
</section>
${kickoffList(visit, kickoffs, KICKOFFS_SHOWN, 'They take part in no kickoff, and organize none.')}
${historySection(visit, history, {
  first: filter.changesBefore === undefined ? undefined : personAddress({ email }),
  next: history.before === undefined ? undefined : personAddress({ email, changesBefore: history.before }),
})}`,
  );
}

function writing(visit: Visit, { email, optOut }: PersonDetails): Markup {
  return html`<section data-part id="writing" aria-label="Whether they are written to">
${
  optOut === undefined
    ? html`<p><span class="chip good">May be written to</span> <span class="quiet">where no entry below says otherwise</span></p>`
    : html`<p><span class="chip alert">Never written to</span> ${isolated(optOut.reason)} <span class="quiet">said ${isolated(optOut.recorded_by)}, ${instant(optOut.recorded_at, visit.zone)}</span></p>`
}
<p class="actions">${actionButton(visit, optOut === undefined ? OPT_OUT_EVERYWHERE : OPT_IN_EVERYWHERE, email)}</p>
</section>`;
}
