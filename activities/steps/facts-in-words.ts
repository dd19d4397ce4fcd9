import type { Participant } from '../../registry/model.ts';
import type { StepFacts } from '../contract.ts';

/**
 * What a step's texts may name: the facts, with the lists that people want to read in a message, people by side and by role,
 * and the links.
 *
 * @param kickoff link to the workflow in the Temporal UI; no text when none is configured
 */
export function factsInWords(facts: StepFacts, kickoff: string): object {
  const { participants, form } = facts;
  return {
    ...facts,
    ...(form && {
      form: {
        ...form,
        submittedOn: form.submittedAt.slice(0, 10),
        answers: answersInWords(form.answers),
        answer: form.answers,
      },
    }),
    links: { kickoff },
    participantNames: participants.map((person) => person.name ?? person.email),
    sides: grouped(participants, ({ side }) => [side]),
    roles: grouped(participants, ({ roles }) => roles),
    needs: facts.needs.join(' '),
    left: (facts.left ?? []).join(' '),
  };
}

function answersInWords(answers: Record<string, string>): string {
  return Object.entries(answers)
    .map(([label, answer]) => `${label}: ${answer}`)
    .join('. ');
}

/** Keys are names from outside: a group of that name is an own property, whatever it is called. */
function grouped(people: readonly Participant[], keysOf: (person: Participant) => string[]): object {
  const names = new Set(people.flatMap(keysOf));
  return Object.fromEntries([...names].map((name) => [name, people.filter((person) => keysOf(person).includes(name))]));
}
