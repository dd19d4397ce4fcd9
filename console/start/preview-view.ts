import type { KickoffPreview } from '../../workflows/messages.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { isolated, kickoffPath, outsideLink } from '../page/link.ts';
import { facts, table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { localHour } from '../words/local-hour.ts';
import { phaseChip } from '../words/phase.ts';

/** What would happen to a kickoff that is rehearsed. */
export type Prospect = 'start' | 'start again' | 'join' | 'refuse';

export function prospectOf({ existing }: KickoffPreview): Prospect {
  if (existing === undefined) return 'start';
  if (existing.fellThrough) return 'start again';
  return existing.phase === 'done' ? 'refuse' : 'join';
}

/** Where the registry shows an account's people. */
export function registryPath(accountId: string): string {
  return `/registry/account?id=${encodeURIComponent(accountId)}`;
}

/** A rehearsed kickoff: what it would be, what is missing, whom it would invite and why. */
export function previewSections(visit: Visit, preview: KickoffPreview, now: Date): Markup {
  return html`${summary(visit, preview)}
${gapsSection(preview)}
${peopleSections(preview, now)}`;
}

function summary(visit: Visit, preview: KickoffPreview): Markup {
  const { deal, key, title, rules, timeframe, organizer, existing, warning, workflowId } = preview;
  const name = isolated(deal.name);
  const account = isolated(deal.account);
  return html`<section aria-labelledby="what">
<h2 id="what">What it would be</h2>
${warning !== undefined && html`<p class="notice alert">${warning} It is started all the same if you say so.</p>`}
${existing !== undefined && html`<p class="notice busy">${existingWords(existing, workflowId)}</p>`}
${facts([
  ['Deal', html`${deal.url === undefined ? name : outsideLink(deal.url, name)} <span class="quiet">${deal.id}</span>`],
  ['Account', deal.accountId === undefined ? account : html`<a href="${registryPath(deal.accountId)}">${account}</a>`],
  ['Stage', html`${deal.isWon ? 'won' : 'not won'}${deal.stage !== undefined && html`, ${isolated(deal.stage)}`}`],
  ['Title', isolated(title)],
  ['Organizer', organizer === undefined ? 'nobody is known' : organizerWords(organizer)],
  ['Earliest', instant(timeframe.start, visit.zone)],
  ['Latest', instant(timeframe.end, visit.zone)],
  ['Idempotency key', html`<code>${existing?.fellThrough === false ? (existing.key ?? key) : key}</code>`],
  ['Workflow', html`<code>${isolated(workflowId)}</code>`],
  ['Rules', rules],
])}
</section>`;
}

function organizerWords({ email, name, timezone, from }: NonNullable<KickoffPreview['organizer']>): Markup {
  return html`${isolated(name ?? email)} <span class="quiet">${name !== undefined && html`${isolated(email)}, `}${timezone !== undefined && `${timezone}, `}from ${from}</span>`;
}

function existingWords(existing: NonNullable<KickoffPreview['existing']>, workflowId: string): Markup {
  const there = html`<a href="${kickoffPath(workflowId)}">The deal’s kickoff</a>, revision ${existing.revision}, is ${phaseChip(existing.phase)}.`;
  if (existing.fellThrough) {
    return html`${there} It fell through: this would be revision ${existing.revision + 1}, under a key of its own.`;
  }
  return existing.phase === 'done'
    ? html`${there} Nothing would start: another kickoff of the same deal needs a workstream of its own.`
    : html`${there} It would be joined: there is one kickoff of a deal, and nobody is asked twice.`;
}

function gapsSection({ gaps, deal }: KickoffPreview): Markup {
  const sorted = gaps.toSorted((one, other) => Number(other.severity === 'block') - Number(one.severity === 'block'));
  const registry =
    deal.accountId !== undefined && html` <a href="${registryPath(deal.accountId)}">To the account’s people</a>`;
  return html`<section aria-labelledby="gaps">
<h2 id="gaps">What is missing</h2>
${
  gaps.length === 0
    ? html`<p>Nothing: everybody who is needed is there.</p>`
    : html`<ul>
${sorted.map(({ severity, message, acceptable }) => html`<li><span class="chip ${severity === 'block' ? 'alert' : 'still'}">${severity === 'block' ? 'Must be settled' : 'Worth knowing'}</span> ${message}${severity === 'block' && acceptable && ' It would wait, until a person goes on without.'}${registry}</li>\n`)}</ul>`
}
</section>`;
}

const OUTCOMES: Record<string, string> = {
  organizer: 'invites',
  participant: 'is invited',
  excluded: 'is not invited',
  replaced: 'is not invited',
  not_of_deal: 'is not of this deal',
};

function peopleSections({ participants, excluded, why = [] }: KickoffPreview, now: Date): Markup {
  return html`<section aria-labelledby="whom">
<h2 id="whom">Whom it would invite</h2>
${
  participants.length === 0
    ? html`<p>Nobody.</p>`
    : table(
        'Whom it would invite',
        ['Name', 'E-mail', 'Roles', 'Side', 'Asked as', 'There it is', 'Known from'],
        participants.map((person): Content[] => [
          isolated(person.name ?? person.email),
          isolated(person.email),
          person.roles.length === 0 ? 'no role' : person.roles.map(roleWords).join(', '),
          person.side,
          person.attendance,
          thereWords(person.timezone, now),
          person.from,
        ]),
      )
}
</section>
<section aria-labelledby="not-invited">
<h2 id="not-invited">Whom not</h2>
${
  excluded.length === 0
    ? html`<p>Nobody is left out.</p>`
    : table(
        'Whom it would not invite',
        ['Name', 'E-mail', 'Why'],
        excluded.map(({ name, email, reason }) => [
          isolated(name ?? email ?? 'no name'),
          isolated(email ?? '–'),
          reason,
        ]),
      )
}
</section>
${
  why.length > 0 &&
  html`<section aria-labelledby="why">
<h2 id="why">Why each is in or out</h2>
${table(
  'Why each is in or out',
  ['Person', 'What becomes of them', 'Why'],
  why.map(({ name, email, outcome, reason }) => [
    isolated(name ?? email ?? 'no name'),
    OUTCOMES[outcome] ?? outcome,
    // Roles have their ids in it.
    roleWords(reason),
  ]),
)}
</section>`
}`;
}

function thereWords(zone: string | undefined, now: Date): Content {
  if (zone === undefined) return 'not known';
  const hour = localHour(now, zone);
  return hour === undefined ? zone : html`${hour} <span class="quiet">${zone}</span>`;
}

/** `executive_sponsor` → `executive sponsor` */
function roleWords(role: string): string {
  return role.replaceAll('_', ' ');
}
