import type { UndoOutcome } from '../contract.ts';
import type { LinearApi } from './linear-api.ts';
import { progressDocument, trashIssuesDocument, trashProjectDocument } from './linear-documents.ts';

/** Linear changes so many issues in one go. */
const BATCH = 50;
const BEGUN_PROJECT = new Set(['started', 'completed']);
const BEGUN_ISSUE = new Set(['started', 'completed']);

/**
 * Puts a project and its issues into Linear's trash, from where a person can restore them for 30 days. A project that people
 * have begun to work with stays: one that is started or completed, has an issue that is, has an issue of somebody else's,
 * or more issues than a step makes.
 */
export async function trashProject(api: LinearApi, projectId: string): Promise<UndoOutcome> {
  const { viewer, projects } = await api.ask(progressDocument, { project: projectId });
  const [project] = projects.nodes;
  if (project === undefined) return { state: 'undone', detail: 'The Linear project is not there any more' };
  const { issues, status } = project;
  const live = issues.nodes.filter((issue) => issue.trashed !== true);
  const begun = live.filter((issue) => BEGUN_ISSUE.has(issue.state.type)).length;
  const foreign = live.filter((issue) => issue.creator?.id !== viewer.id).length;
  const reasons = [
    ...(project.trashed !== true && BEGUN_PROJECT.has(status.type) ? [`it is ${status.type}`] : []),
    ...(begun > 0 ? [`issues begun or completed: ${begun}`] : []),
    ...(foreign > 0 ? [`issues that others made: ${foreign}`] : []),
    ...(issues.pageInfo.hasNextPage ? ['it has more issues than were made'] : []),
  ];
  if (reasons.length > 0) {
    return { state: 'left', detail: `The Linear project stays, because it is worked on (${reasons.join(', ')})` };
  }
  // The project last: as long as it is there, a repetition sees which issues are left.
  for (let from = 0; from < live.length; from += BATCH) {
    const ids = live.slice(from, from + BATCH).map(({ id }) => id);
    await api.ask(trashIssuesDocument, { ids, input: { trashed: true } });
  }
  if (project.trashed !== true) await api.ask(trashProjectDocument, { id: project.id });
  return { state: 'undone', detail: 'The Linear project and its issues are in Linear’s trash' };
}
