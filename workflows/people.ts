/** Who is invited, who is not, and what is missing, as Markdown: the same for a kickoff and for the preview of one. */
import type { ExcludedPerson, Gap, Organizer, Participant, ShortTrail } from '../registry/model.ts';
import { inText, section } from './markdown.ts';

export interface People {
  organizer?: Organizer;
  participants: readonly Participant[];
  excluded: readonly ExcludedPerson[];
  gaps: readonly Gap[];
  why?: readonly ShortTrail[];
}

export function peopleSections({ organizer, participants, excluded, gaps, why = [] }: People): string[] {
  const invites = [
    ...(organizer === undefined
      ? []
      : [`${named(organizer)} · organizer · ${zone(organizer)} · from ${inText(organizer.from)}`]),
    ...participants.map(
      (person) =>
        `${named(person)} · ${inText(person.roles.join(', ')) || 'no role'}${person.attendance === 'optional' ? ' · optional' : ''} · ${zone(person)} · from ${inText(person.from)}`,
    ),
  ];
  return [
    ...section('Participants', invites, 51),
    ...section(
      'Left out',
      excluded.map((person) => `${inText(person.name ?? person.email ?? 'somebody')}: ${inText(person.reason)}`),
      20,
    ),
    ...section(
      'Why they are in, and others are not considered',
      why
        .filter(({ outcome }) => outcome !== 'excluded')
        .map(
          ({ email, name, outcome, reason }) =>
            `${MARKS[outcome]} ${inText(name ?? email ?? 'somebody')}: ${inText(reason)}`,
        ),
      60,
    ),
    ...section(
      'Missing',
      blockingFirst(gaps).map((gap) => `${gap.severity === 'block' ? '**blocks:** ' : ''}${inText(gap.message)}`),
      20,
    ),
  ];
}

const MARKS = { organizer: '★', participant: '✔', excluded: '✖', replaced: '✖', not_of_deal: '·' } as const;

/** What blocks comes before what only is worth knowing. */
export function blockingFirst(gaps: readonly Gap[]): Gap[] {
  return [...gaps].sort((a, b) => Number(b.severity === 'block') - Number(a.severity === 'block'));
}

function named({ name, email }: { name?: string; email: string }): string {
  return name === undefined ? inText(email) : `${inText(name)} ${inText(email)}`;
}

function zone({ timezone }: { timezone?: string }): string {
  return timezone === undefined ? 'no time zone' : inText(timezone);
}
