import { z } from 'zod';
import type { LinearDocument } from './linear-api.ts';

const list = <Node extends z.ZodType>(node: Node) => z.object({ nodes: z.array(node) });
const projectSchema = z.object({ id: z.string(), url: z.string(), trashed: z.boolean().nullish() });
const issueSchema = z.object({ id: z.string(), identifier: z.string() });

export type LinearProject = z.infer<typeof projectSchema>;
export type LinearIssue = z.infer<typeof issueSchema>;

/** Whose key it is: asked to see whether Linear takes it. */
export const viewerDocument = document(
  `query Viewer { viewer { id } }`,
  z.object({ viewer: z.object({ id: z.string() }) }),
);

/** Everything that must be known before anything is made, in one request. */
export const lookupDocument = document(
  `query Lookup($team: TeamFilter!, $users: UserFilter!, $anyone: Boolean!, $project: ID!) {
    teams(filter: $team, first: 2) { nodes { id key } }
    users(filter: $users, first: 100) @include(if: $anyone) { nodes { id email } }
    projects(filter: { id: { eq: $project } }, includeArchived: true, first: 1) { nodes { id url trashed } }
  }`,
  z.object({
    teams: list(z.object({ id: z.string(), key: z.string() })),
    users: list(z.object({ id: z.string(), email: z.string() })).optional(),
    projects: list(projectSchema),
  }),
);

export const createProjectDocument = document(
  `mutation CreateProject($input: ProjectCreateInput!) {
    projectCreate(input: $input) { success project { id url trashed } }
  }`,
  z.object({ projectCreate: z.object({ project: projectSchema }) }),
);

/** All of them or none. */
export const createIssuesDocument = document(
  `mutation CreateIssues($input: IssueBatchCreateInput!) {
    issueBatchCreate(input: $input) { success issues { id identifier } }
  }`,
  z.object({ issueBatchCreate: z.object({ issues: z.array(issueSchema) }) }),
);

export const findProjectDocument = document(
  `query FindProject($project: ID!) {
    projects(filter: { id: { eq: $project } }, includeArchived: true, first: 1) { nodes { id url trashed } }
  }`,
  z.object({ projects: list(projectSchema) }),
);

export const findIssuesDocument = document(
  `query FindIssues($issues: [ID!]!) {
    issues(filter: { id: { in: $issues } }, includeArchived: true, first: 50) { nodes { id identifier } }
  }`,
  z.object({ issues: list(issueSchema) }),
);

/** What has become of a project, as far as it must be known before it is put into the trash. */
export const progressDocument = document(
  `query Progress($project: ID!) {
    viewer { id }
    projects(filter: { id: { eq: $project } }, includeArchived: true, first: 1) {
      nodes {
        id
        trashed
        status { type }
        issues(first: 250, includeArchived: true) {
          nodes { id trashed creator { id } state { type } }
          pageInfo { hasNextPage }
        }
      }
    }
  }`,
  z.object({
    viewer: z.object({ id: z.string() }),
    projects: list(
      z.object({
        id: z.string(),
        trashed: z.boolean().nullish(),
        status: z.object({ type: z.string() }),
        issues: z.object({
          nodes: z.array(
            z.object({
              id: z.string(),
              trashed: z.boolean().nullish(),
              creator: z.object({ id: z.string() }).nullish(),
              state: z.object({ type: z.string() }),
            }),
          ),
          pageInfo: z.object({ hasNextPage: z.boolean() }),
        }),
      }),
    ),
  }),
);

export const trashIssuesDocument = document(
  `mutation TrashIssues($ids: [UUID!]!, $input: IssueUpdateInput!) {
    issueBatchUpdate(ids: $ids, input: $input) { success }
  }`,
  z.object({ issueBatchUpdate: z.object({ success: z.literal(true) }) }),
);

export const trashProjectDocument = document(
  `mutation TrashProject($id: String!) {
    projectDelete(id: $id) { success }
  }`,
  z.object({ projectDelete: z.object({ success: z.literal(true) }) }),
);

function document<Answer>(text: string, answer: z.ZodType<Answer>): LinearDocument<Answer> {
  return { text, answer };
}
