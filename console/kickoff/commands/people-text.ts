import type { ReplaceParticipantsCommand } from '../../../workflows/messages.ts';

export type NamedPerson = NonNullable<ReplaceParticipantsCommand['participants']>[number];

/** The workflow's limit. */
const MOST_PEOPLE = 50;
/** `Ada Lovelace <ada@acme.example>, Europe/London`; the name and what follows the address may be left out. */
const LINE = /^(?:"?([^<>"]*?)"?\s*<([^<>\s]+)>|([^\s,<>]+))(?:\s*[,;]\s*([\w/+-]+))?$/;
const LONGEST_LINE = 600;
const EMAIL = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;

/**
 * People, one a line.
 *
 * @param known those who take part now: their roles and time zones go with them
 * @returns the people, or what is wrong, in words
 */
export function peopleIn(
  text: string,
  known: readonly NamedPerson[] = [],
): { people: NamedPerson[] } | { fault: string } {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0) return { fault: 'Name at least one person, one a line: Ada Lovelace <ada@acme.example>' };
  if (lines.length > MOST_PEOPLE)
    return { fault: `These are ${lines.length} people; at most ${MOST_PEOPLE} can be asked.` };
  const people = new Map<string, NamedPerson>();
  for (const [index, line] of lines.entries()) {
    const person = personIn(line);
    if (person === undefined) {
      return {
        fault: `Line ${index + 1} is no person: write Name <address>, and a time zone behind a comma if you like.`,
      };
    }
    const key = person.email.toLowerCase();
    if (people.has(key)) return { fault: `Line ${index + 1}: ${person.email} is named twice.` };
    const before = known.find(({ email }) => email.toLowerCase() === key);
    people.set(key, {
      ...(before?.timezone === undefined ? {} : { timezone: before.timezone }),
      ...(before?.roles === undefined || before.roles.length === 0 ? {} : { roles: before.roles }),
      ...person,
    });
  }
  return { people: [...people.values()] };
}

/** As `peopleIn` reads them. */
export function peopleText(people: readonly NamedPerson[]): string {
  return people
    .map(({ email, name, timezone }) => {
      // What would be taken for something else is left out of the name.
      const clean = name?.replace(/[<>"\r\n]/g, ' ').trim() ?? '';
      return `${clean === '' ? email : `${clean} <${email}>`}${timezone === undefined ? '' : `, ${timezone}`}`;
    })
    .join('\n');
}

function personIn(line: string): NamedPerson | undefined {
  if (line.length > LONGEST_LINE) return undefined;
  const [, name = '', bracketed, bare, timezone] = LINE.exec(line) ?? [];
  const email = bracketed ?? bare;
  if (email === undefined || !EMAIL.test(email)) return undefined;
  return {
    email,
    ...(name.trim() === '' ? {} : { name: name.trim() }),
    ...(timezone === undefined ? {} : { timezone }),
  };
}
