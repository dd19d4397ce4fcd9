import { BadAddress } from '../page/address.ts';

/** What a page can follow: a list, or one workflow. */
const LISTS = ['overview', 'kickoffs', 'leads', 'inbox', 'registry', 'backfills', 'audit', 'sandbox'] as const;
export type ListTopic = (typeof LISTS)[number];
export type Topic = ListTopic | `kickoff:${string}` | `lead:${string}`;

/** A page follows one or two. */
const MOST = 8;
/** A workflow's id has 1,000 characters at most (Temporal's limit). */
const LONGEST = 1_100;

/**
 * @param text names with spaces between them, as a page's `live` has them. A workflow's id may have spaces itself: what is no
 *   topic belongs to the one before.
 * @throws {BadAddress}
 */
export function topicsIn(text: unknown): Topic[] {
  if (typeof text !== 'string' || text.length > MOST * LONGEST) throw new BadAddress('Name what to follow, once.');
  const topics: Topic[] = [];
  for (const word of text.split(' ')) {
    const last = topics.at(-1);
    if (isTopic(word)) topics.push(word);
    else if (last !== undefined && isOfWorkflow(last)) topics[topics.length - 1] = `${last} ${word}`;
    else throw new BadAddress('Nothing of that name can be followed.');
  }
  const distinct = [...new Set(topics)];
  // A line ends an event; PostgreSQL's text has no NUL.
  if (distinct.some((topic) => topic.length > LONGEST || /\p{Cc}/u.test(topic))) {
    throw new BadAddress('Nothing of that name can be followed.');
  }
  if (distinct.length > MOST) throw new BadAddress(`At most ${MOST} things can be followed at once.`);
  return distinct;
}

/** The workflow that a topic is about; undefined for a list. */
export function workflowOf(topic: Topic): string | undefined {
  return isOfWorkflow(topic) ? topic.slice(topic.indexOf(':') + 1) : undefined;
}

function isTopic(word: string): word is Topic {
  return LISTS.some((list) => list === word) || isOfWorkflow(word);
}

function isOfWorkflow(word: string): word is Exclude<Topic, ListTopic> {
  return /^(?:kickoff|lead):./s.test(word);
}
