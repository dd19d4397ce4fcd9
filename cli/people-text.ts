import type { ExcludedPerson, Gap, Organizer, Participant } from '../registry/model.ts';
import { aligned } from './aligned.ts';
import { printable } from './printable.ts';

/** Who is invited, who is left out and why, what is missing: the same for a kickoff and for the preview of one. */
export function peopleText(people: {
  organizer?: Organizer;
  participants: readonly Participant[];
  excluded: readonly ExcludedPerson[];
  gaps: readonly Gap[];
}): string {
  const { organizer, participants, excluded, gaps } = people;
  const rows = [
    ...(organizer === undefined ? [] : [{ ...organizer, roles: ['organizer'] }]),
    ...participants.map(({ attendance, ...person }) => ({
      ...person,
      roles: [...person.roles, ...(attendance === 'optional' ? ['optional'] : [])],
    })),
  ].map(({ name, email, roles, timezone, from }) =>
    ['', name === undefined ? '–' : name, email, roles.join(', ') || 'no role', timezone ?? 'no time zone', from].map(
      printable,
    ),
  );
  return [
    rows.length === 0 ? 'Invited: nobody' : `Invited:\n${aligned(rows)}`,
    ...listed(
      'Left out',
      excluded.map(({ name, email, reason }) => `${name ?? email ?? 'somebody'}: ${reason}`),
    ),
    ...listed(
      'Missing, and it blocks',
      gaps.filter(blocks).map((gap) => gap.message),
    ),
    ...listed(
      'Missing',
      gaps.filter((gap) => !blocks(gap)).map((gap) => gap.message),
    ),
  ].join('\n');
}

/** A heading with a line for each; nothing for none. */
export function listed(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${heading}:`, ...lines.map((line) => `  ${printable(line)}`)];
}

function blocks(gap: Gap): boolean {
  return gap.severity === 'block';
}
