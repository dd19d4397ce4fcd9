import type { Deal } from '../crm/port.ts';
import { roleTitle } from '../registry/index.ts';
import type { Organizer, Participant } from '../registry/model.ts';
import type { MeetingContext, ResolveInput } from './contract.ts';
import { cut } from './cut.ts';
import { fillTemplate } from './steps/template.ts';

/** SkipUp's limits, in characters. */
export const TITLE_LIMIT = 255;
export const PURPOSE_LIMIT = 500;
export const DESCRIPTION_LIMIT = 5000;

/** So much of the description is the people's, however long the text before is. */
const ROLES_SHARE = 2500;

/**
 * What SkipUp tells the participants. The description names each person's role: "specificity gets responses", says
 * SkipUp's guide to implementation kickoffs.
 */
export function meetingContext(
  texts: ResolveInput['texts'],
  people: { deal: Deal; organizer: Organizer | undefined; participants: Participant[] },
): MeetingContext {
  const data = { vendor: texts.vendor, ...people };
  return {
    title: cut(fillTemplate(texts.title, data), TITLE_LIMIT),
    purpose: cut(fillTemplate(texts.purpose, data), PURPOSE_LIMIT),
    description: describe(fillTemplate(texts.description, data), people.participants),
    durationMinutes: texts.durationMinutes,
  };
}

/** The text, then a sentence for each person, most important first; whoever finds no room is counted. */
function describe(text: string, participants: readonly Participant[]): string {
  const sentences = participants.map(sentenceAbout).filter((sentence) => sentence !== '');
  const wanted = Math.min(ROLES_SHARE, sentences.join(' ').length);
  const opening = cut(text, DESCRIPTION_LIMIT - wanted - 1);
  const parts = opening === '' ? [] : [opening];
  let room = DESCRIPTION_LIMIT - opening.length;
  for (const [index, sentence] of sentences.entries()) {
    const rest = sentences.length - index;
    const more = rest === 1 ? 'One more person is invited.' : `${rest} more people are invited.`;
    // The last one needs no room for a count after it.
    const needed = sentence.length + 1 + (rest === 1 ? 0 : more.length + 1);
    if (needed > room) {
      if (more.length + 1 <= room) parts.push(more);
      break;
    }
    parts.push(sentence);
    room -= sentence.length + 1;
  }
  return parts.join(' ');
}

function sentenceAbout(person: Participant): string {
  if (person.roles.length === 0) return '';
  const zone = person.timezone === undefined ? '' : ` (${person.timezone})`;
  return `${oneLine(person.name ?? person.email)} is the ${titles(person.roles)}${zone}.`;
}

/** "champion, project lead and billing contact" */
function titles(roles: readonly string[]): string {
  const all = roles.map(roleTitle);
  const last = all.at(-1) ?? '';
  return all.length <= 1 ? last : `${all.slice(0, -1).join(', ')} and ${last}`;
}

function oneLine(text: string): string {
  return cut(text.replace(/\s+/g, ' '), 200);
}
