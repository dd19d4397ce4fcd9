import type { Deal } from '../crm/port.ts';
import type { Organizer, Participant } from '../registry/model.ts';
import type { MeetingContext, ResolveInput } from './contract.ts';
import { fillTemplate } from './template.ts';

/** SkipUp's limits, in characters. */
export const TITLE_LIMIT = 255;
export const PURPOSE_LIMIT = 500;
export const DESCRIPTION_LIMIT = 5000;

/**
 * What SkipUp tells the participants. The description names each person's role: "specificity gets responses", says
 * SkipUp's guide to implementation kickoffs.
 */
export function meetingContext(
  texts: ResolveInput['texts'],
  people: { deal: Deal; organizer: Organizer | undefined; participants: Participant[] },
): MeetingContext {
  const data = { vendor: texts.vendor, ...people };
  const roles = people.participants.map(sentenceAbout);
  return {
    title: cut(fillTemplate(texts.title, data), TITLE_LIMIT),
    purpose: cut(fillTemplate(texts.purpose, data), PURPOSE_LIMIT),
    description: cut([fillTemplate(texts.description, data), ...roles].filter(Boolean).join(' '), DESCRIPTION_LIMIT),
    durationMinutes: texts.durationMinutes,
  };
}

function sentenceAbout(person: Participant): string {
  if (person.roles.length === 0) return '';
  const roles = person.roles.map((role) => role.replaceAll('_', ' ')).join(' and ');
  const zone = person.timezone === undefined ? '' : ` (${person.timezone})`;
  return `${person.name ?? person.email} is the ${roles}${zone}.`;
}

/** Cuts at the end of a sentence, else of a word, never inside a character. */
export function cut(text: string, limit: number): string {
  const trimmed = text.trim();
  if (trimmed.length <= limit) return trimmed;
  const head = trimmed.slice(0, limit);
  const sentence = Math.max(head.lastIndexOf('. '), head.lastIndexOf('! '), head.lastIndexOf('? '));
  if (sentence > limit / 2) return head.slice(0, sentence + 1);
  const short = trimmed.slice(0, limit - 1);
  const word = short.lastIndexOf(' ');
  const end = word > 0 ? short.slice(0, word) : short;
  // A lone first half of a surrogate pair is no character.
  return `${end.replace(/[\uD800-\uDBFF]$/, '')}…`;
}
