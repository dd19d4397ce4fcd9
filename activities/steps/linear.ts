import type { LinearDocument as Linear } from '@linear/sdk';
import { ApplicationFailure } from '@temporalio/activity';
import { DateTime } from 'luxon';
import { cut } from '../cut.ts';
import type { StepContext, StepKind, StepOf } from './kind.ts';
import { LinearApi, type LinearDependencies, refused } from './linear-api.ts';
import {
  createIssuesDocument,
  createProjectDocument,
  findIssuesDocument,
  findProjectDocument,
  type LinearIssue,
  type LinearProject,
  lookupDocument,
} from './linear-documents.ts';
import { trashProject } from './linear-undo.ts';
import { uuidOf } from './outbound-id.ts';

export type { LinearDependencies } from './linear-api.ts';

type ProjectStep = StepOf<'linear_project'>;
type IssueOfStep = NonNullable<ProjectStep['issues']>[number];

const NAME_MAX = 255;
const DESCRIPTION_MAX = 255;

/**
 * A project at Linear and its issues. Their ids come from the step's marker, and Linear takes an id once: what an attempt
 * whose answer was lost has made is found again, whenever it got through.
 */
export function linearProjectKind(dependencies: LinearDependencies): StepKind<ProjectStep> {
  return {
    async run(step, context) {
      const api = new LinearApi(dependencies, context.signal);
      const { teamId, userIds, unknown, existing } = await lookUp(api, step, context);
      const project = existing ?? (await createProject(api, projectInput(step, context, { teamId, userIds })));
      const inputs = (step.issues ?? []).map((issue, index) =>
        issueInput(issue, index, context, { teamId, userIds, projectId: project.id }),
      );
      const issues = await createIssues(api, inputs, existing !== undefined);
      const numbers = issues.map((issue, index) => [`issue_${index + 1}`, issue.identifier]);
      return {
        detail: detailOf(step, context, unknown),
        url: project.url,
        ids: { projectId: project.id, ...Object.fromEntries(numbers) },
      };
    },
    undo: async (_step, outcome, context) =>
      await trashProject(new LinearApi(dependencies, context.signal), outcome.ids.projectId ?? projectIdOf(context)),
  };
}

interface Looked {
  teamId: string;
  /** By e-mail address, in lower case. */
  userIds: Map<string, string>;
  /** Addresses that nobody at Linear has. */
  unknown: string[];
  /** Made by an earlier attempt. */
  existing: LinearProject | undefined;
}

async function lookUp(api: LinearApi, step: ProjectStep, context: StepContext): Promise<Looked> {
  const team = context.text(step.team).trim();
  const emails = [
    ...new Set([step.lead, ...(step.issues ?? []).map((issue) => issue.assignee)].flatMap(emailOf(context))),
  ];
  const { teams, users, projects } = await api.ask(lookupDocument, {
    team: isUuid(team) ? { id: { eq: team } } : { key: { eqIgnoreCase: team } },
    users: { or: emails.map((email) => ({ email: { eqIgnoreCase: email } })) },
    anyone: emails.length > 0,
    project: projectIdOf(context),
  } satisfies { team: Linear.TeamFilter; users: Linear.UserFilter; anyone: boolean; project: string });
  const teamId = teams.nodes[0]?.id;
  if (teamId === undefined) {
    throw ApplicationFailure.nonRetryable(
      `Linear has no team ${team} that the key can see. Correct the step's team or the key's access, then retry the step.`,
      'Linear',
    );
  }
  const userIds = new Map(users?.nodes.map(({ email, id }) => [email.toLowerCase(), id]));
  return { teamId, userIds, unknown: emails.filter((email) => !userIds.has(email)), existing: projects.nodes[0] };
}

async function createProject(api: LinearApi, input: Linear.ProjectCreateInput): Promise<LinearProject> {
  const { data, refusal } = await api.tell(createProjectDocument, { input });
  if (data !== undefined) return data.projectCreate.project;
  // Refused because an earlier attempt, late, has made it meanwhile; or for a fault of the input.
  const found = await api.ask(findProjectDocument, { project: input.id });
  return found.projects.nodes[0] ?? fail(refusal);
}

/** @param repeated the project was there, so that an earlier attempt may have made the issues, too */
async function createIssues(
  api: LinearApi,
  inputs: readonly (Linear.IssueCreateInput & { id: string })[],
  repeated: boolean,
): Promise<LinearIssue[]> {
  const made = new Map<string, LinearIssue>();
  const find = async () => {
    const { issues } = await api.ask(findIssuesDocument, { issues: inputs.map(({ id }) => id) });
    for (const issue of issues.nodes) made.set(issue.id, issue);
  };
  if (repeated && inputs.length > 0) await find();
  const missing = inputs.filter(({ id }) => !made.has(id));
  if (missing.length > 0) {
    const { data, refusal } = await api.tell(createIssuesDocument, { input: { issues: missing } });
    for (const issue of data?.issueBatchCreate.issues ?? []) made.set(issue.id, issue);
    if (data === undefined) await find();
    if (refusal !== undefined && inputs.some(({ id }) => !made.has(id))) fail(refusal);
  }
  return inputs.flatMap(({ id }) => made.get(id) ?? []);
}

/** Linear is sometimes behind itself: what it says to be there already is shown a moment later. */
function fail(refusal: string): never {
  if (/conflict on insert|already exists/i.test(refusal)) {
    throw ApplicationFailure.retryable(`Linear does not show yet what it has: ${refusal}`, 'Linear');
  }
  throw refused(refusal);
}

interface Known extends Pick<Looked, 'teamId' | 'userIds'> {}

function projectInput(step: ProjectStep, context: StepContext, { teamId, userIds }: Known): Linear.ProjectCreateInput {
  const { text } = context;
  const leadId = emailOf(context)(step.lead).map((email) => userIds.get(email))[0];
  return {
    id: projectIdOf(context),
    teamIds: [teamId],
    name: cut(text(step.name), NAME_MAX) || step.id,
    ...(step.description === undefined ? {} : { description: cut(text(step.description), DESCRIPTION_MAX) }),
    ...(step.content === undefined ? {} : { content: text(step.content) }),
    ...(step.template === undefined ? {} : { templateId: text(step.template) }),
    ...(leadId === undefined ? {} : { leadId }),
  };
}

function issueInput(
  issue: IssueOfStep,
  index: number,
  context: StepContext,
  { teamId, userIds, projectId }: Known & { projectId: string },
): Linear.IssueCreateInput & { id: string } {
  const { text, marker } = context;
  const assigneeId = emailOf(context)(issue.assignee).map((email) => userIds.get(email))[0];
  return {
    id: uuidOf(`${marker}/issue/${index + 1}`),
    teamId,
    projectId,
    title: cut(text(issue.title), NAME_MAX) || `${index + 1}`,
    ...(issue.description === undefined ? {} : { description: text(issue.description) }),
    ...(issue.dueInDays === undefined ? {} : { dueDate: dueDateOf(issue.dueInDays, context) }),
    ...(issue.template === undefined ? {} : { templateId: text(issue.template) }),
    ...(assigneeId === undefined ? {} : { assigneeId }),
  };
}

/**
 * Days from the booking, else from the step's first attempt: the same at every repetition. A deal's close date would put the
 * issues of historical deals into the past. The day is the organizer's.
 */
function dueDateOf(days: number, { facts, begunAt }: StepContext): string {
  const { bookedAt } = facts.meeting;
  const booked = DateTime.fromISO(bookedAt ?? '', { zone: 'utc' });
  const from = booked.isValid ? booked : DateTime.fromJSDate(begunAt, { zone: 'utc' });
  const local = from.setZone(facts.organizer?.timezone ?? 'utc');
  return (local.isValid ? local : from).plus({ days }).toFormat('yyyy-MM-dd');
}

function detailOf({ issues = [], name }: ProjectStep, { text }: StepContext, unknown: string[]): string {
  const count = issues.length === 0 ? '' : `, ${issues.length} ${issues.length === 1 ? 'issue' : 'issues'}`;
  const missing = unknown.length === 0 ? '' : `; not known at Linear, so left out: ${unknown.join(', ')}`;
  return `Linear project: ${cut(text(name), NAME_MAX)}${count}${missing}`;
}

function projectIdOf({ marker }: StepContext): string {
  return uuidOf(`${marker}/project`);
}

/** The address that a text gives: none for a text that shows nothing. */
function emailOf({ text }: StepContext): (template: string | undefined) => string[] {
  return (template) => {
    const email = template === undefined ? '' : text(template).trim().toLowerCase();
    return email === '' ? [] : [email];
  };
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
