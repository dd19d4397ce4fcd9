import { type ChangeMarks, type Database, readChangeMarks, readWorkflowMarks } from '../../database/index.ts';
import { type ListTopic, type Topic, workflowOf } from './topics.ts';

/** What each list shows, by what has to be looked at. */
const SHOWN: Record<ListTopic, readonly (keyof ChangeMarks)[]> = {
  overview: ['kickoffs', 'requests', 'steps', 'recoveries', 'inbox', 'health'],
  kickoffs: ['kickoffs', 'requests', 'steps'],
  leads: ['recoveries', 'requests', 'steps'],
  inbox: ['inbox'],
  registry: ['registry'],
  audit: ['audit'],
  backfills: ['kickoffs', 'recoveries'],
  sandbox: ['inbox', 'kickoffs', 'requests'],
};

/** These show what no table has: how a running backfill stands, what is said in the sandbox. They change every so often. */
const TICKS_MS: Partial<Record<ListTopic, number>> = { backfills: 5_000, sandbox: 2_000 };

/**
 * A mark for each topic, which differs when something that its pages show has changed.
 *
 * @param now in milliseconds
 */
export async function readMarks({ db }: Database, topics: readonly Topic[], now: number): Promise<Map<Topic, string>> {
  const workflows = topics.flatMap((topic) => workflowOf(topic) ?? []);
  const [lists, ofWorkflow] = await Promise.all([
    workflows.length < topics.length ? readChangeMarks(db) : undefined,
    readWorkflowMarks(db, [...new Set(workflows)]),
  ]);
  return new Map(
    topics.map((topic) => {
      if (isList(topic)) return [topic, lists === undefined ? '' : listMark(topic, lists, now)];
      return [topic, ofWorkflow.get(workflowOf(topic) ?? '') ?? ''];
    }),
  );
}

function listMark(topic: ListTopic, marks: ChangeMarks, now: number): string {
  const everyMs = TICKS_MS[topic];
  const tick = everyMs === undefined ? '' : String(Math.floor(now / everyMs));
  return [...SHOWN[topic].map((part) => marks[part]), tick].join('|');
}

function isList(topic: Topic): topic is ListTopic {
  return Object.hasOwn(SHOWN, topic);
}
