import { type Content, html, type Markup } from '../page/html.ts';
import { isolated } from '../page/link.ts';
import { table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import type { Tone } from '../words/phase.ts';
import { decisionOf, type Judged } from './decision.ts';
import { part } from './part.ts';
import type { KickoffDetails } from './read.ts';
import { isOfRegistry, registryLink } from './registry-link.ts';

const OUTCOMES: Record<Judged['outcome'], { label: string; tone: Tone }> = {
  organizer: { label: 'Organizes', tone: 'good' },
  participant: { label: 'In', tone: 'good' },
  excluded: { label: 'Out', tone: 'still' },
  replaced: { label: 'Out: others were named', tone: 'still' },
  not_of_deal: { label: 'Not of this deal', tone: 'still' },
};

/** The registry's decision: each person in or out and why, and what is missing. */
export function whyPart(visit: Visit, details: KickoffDetails): Markup {
  const { record, status } = details;
  const judged = decisionOf(record, status?.why);
  const own = judged.filter(({ outcome }) => outcome !== 'not_of_deal');
  const others = judged.filter(({ outcome }) => outcome === 'not_of_deal');
  return part(
    'why',
    'Who is in, who is out, and why',
    html`${own.length === 0 ? html`<p>The registry and the CRM have not been asked yet, or named nobody.</p>` : decisionTable('The registry’s decision', own)}
${others.length > 0 && html`<details id="not-of-deal">\n<summary>${others.length === 1 ? '1 person' : `${others.length} people`} whom the registry knows and who are not of this deal</summary>\n${decisionTable('Not of this deal', others)}</details>`}
${gaps(visit, details)}`,
  );
}

function decisionTable(label: string, people: readonly Judged[]): Markup {
  return table(
    label,
    ['Person', 'Decision', 'Why'],
    people.map(({ name, email, outcome, reason }): Content[] => [
      html`${isolated(name ?? email ?? 'no name')}${name !== undefined && email !== undefined && html`<br><span class="quiet">${isolated(email)}</span>`}`,
      html`<span class="chip ${OUTCOMES[outcome].tone}">${OUTCOMES[outcome].label}</span>`,
      reason,
    ]),
  );
}

function gaps(visit: Visit, { row, record }: KickoffDetails): Content {
  if (record.gaps.length === 0) return record.participants.length > 0 && html`<p class="quiet">Nobody is missing.</p>`;
  return html`<h3>What is missing</h3>
<ul>
${record.gaps.map((gap) => html`<li><span class="chip ${gap.severity === 'block' ? 'alert' : 'still'}">${gap.severity === 'block' ? 'Must be settled' : 'Worth knowing'}</span> ${gap.message}</li>\n`)}</ul>
${record.gaps.some(isOfRegistry) && html`<p>${registryLink(visit, row.account_id)}</p>`}`;
}
