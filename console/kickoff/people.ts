import type { KickoffRecord, ParticipantRecord } from '../ledger/kickoff-record.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { isolated } from '../page/link.ts';
import { table } from '../page/table.ts';

/** Who takes part and why, who does not and why, and what is missing. */
export function peopleSections(record: KickoffRecord): Markup {
  const { participants, excluded, gaps } = record;
  return html`<section aria-labelledby="participants">
<h2 id="participants">Participants</h2>
${participants.length === 0 ? html`<p>Nobody has been chosen yet.</p>` : table('Participants', ['Name', 'E-mail', 'Roles', 'Side', 'Attendance', 'Time zone', 'Known from'], participants.map(participant))}
</section>
<section aria-labelledby="excluded">
<h2 id="excluded">Not invited</h2>
${
  excluded.length === 0
    ? html`<p>Nobody was left out.</p>`
    : table(
        'Not invited',
        ['Name', 'E-mail', 'Why'],
        excluded.map((person) => [
          isolated(person.name ?? person.email ?? 'no name'),
          isolated(person.email ?? '–'),
          person.reason,
        ]),
      )
}
</section>
<section aria-labelledby="gaps">
<h2 id="gaps">Gaps</h2>
${gaps.length === 0 ? html`<p>Nothing is missing.</p>` : html`<ul>\n${gaps.map(({ severity, message, acceptable }) => html`<li><span class="chip ${severity === 'block' ? 'alert' : 'still'}">${severity === 'block' ? 'Must be settled' : 'Worth knowing'}</span> ${message}${severity === 'block' && acceptable && ' (A person may go on without.)'}</li>\n`)}</ul>`}
</section>`;
}

function participant(person: ParticipantRecord): Content[] {
  const email = person.email ?? '–';
  return [
    isolated(person.name ?? email),
    isolated(email),
    person.roles.length === 0 ? 'no role' : person.roles.map(roleWords).join(', '),
    person.side,
    person.attendance,
    person.timezone ?? 'not known',
    person.from,
  ];
}

/** `executive_sponsor` → `executive sponsor` */
function roleWords(role: string): string {
  return role.replaceAll('_', ' ');
}
