import { createServer, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { parseDocument, type Selection } from './linear-schema.ts';

export const LINEAR_KEY = 'lin_api_0123456789abcdef';
const ME = 'user-of-the-key';

/** What happens to one request. */
type Fault =
  /** The connection breaks before Linear has acted, or after. */
  | 'lost_before'
  | 'lost_after'
  /** An earlier attempt, late, gets through just before this one. */
  | 'after_its_twin'
  | { status: number; body: string; headers?: Record<string, string> };

interface Issue {
  id: string;
  identifier: string;
  trashed: boolean;
  creator: { id: string } | null;
  state: { type: string };
  input: Record<string, unknown>;
}

interface Project {
  id: string;
  url: string;
  trashed: boolean;
  status: { type: string };
  input: Record<string, unknown>;
}

const bodySchema = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()) });
const inputSchema = z.looseObject({ id: z.string() });
const batchSchema = z.object({ issues: z.array(inputSchema).min(1).max(50) });
const byIdSchema = z.object({
  filter: z.object({ id: z.object({ eq: z.string().optional(), in: z.array(z.string()).optional() }) }),
});
const ofUsersSchema = z.object({
  filter: z.object({ or: z.array(z.object({ email: z.object({ eqIgnoreCase: z.string() }) })) }),
});
const ofTeamSchema = z.object({
  filter: z.object({
    key: z.object({ eqIgnoreCase: z.string() }).optional(),
    id: z.object({ eq: z.string() }).optional(),
  }),
});
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

class Refusal extends Error {
  readonly sentence: string;
  constructor(message: string, sentence = message) {
    super(message);
    this.sentence = sentence;
  }
}

/** Linear, as far as its documentation and what people have seen of it go: an id is taken once, a batch whole or not at all. */
export async function fakeLinear() {
  const state = {
    teams: [{ id: '9d3f2a60-94f5-4b7c-8f0e-6a5b4c3d2e1f', key: 'IMP' }],
    users: [{ id: 'user-sam', email: 'Sam@Vendor.example' }],
    projects: new Map<string, Project>(),
    issues: new Map<string, Issue>(),
    /** Names of the operations, in order. */
    asked: [] as string[],
    faults: new Map<string, Fault[]>(),
  };

  const projectOf = (project: Project) => ({
    ...project,
    issues: {
      nodes: [...state.issues.values()].filter((issue) => issue.input.projectId === project.id),
      pageInfo: { hasNextPage: false },
    },
  });
  const once = (kind: string, taken: ReadonlyMap<string, unknown>, id: string) => {
    if (!UUID_V4.test(id)) throw new Refusal('Argument Validation Error', 'id must be a UUID.');
    if (taken.has(id))
      throw new Refusal(`conflict on insert of ${kind}`, `Entity ${kind} with id ${id} already exists.`);
  };
  const acts: Record<string, (args: Record<string, unknown>) => unknown> = {
    viewer: () => ({ id: ME }),
    teams: (args) => {
      const { key, id } = ofTeamSchema.parse(args).filter;
      return {
        nodes: state.teams.filter(
          (team) => team.id === id?.eq || team.key.toLowerCase() === key?.eqIgnoreCase.toLowerCase(),
        ),
      };
    },
    users: (args) => {
      const wanted = ofUsersSchema.parse(args).filter.or.map(({ email }) => email.eqIgnoreCase.toLowerCase());
      return { nodes: state.users.filter(({ email }) => wanted.includes(email.toLowerCase())) };
    },
    projects: (args) => {
      const found = state.projects.get(byIdSchema.parse(args).filter.id.eq ?? '');
      return { nodes: found === undefined ? [] : [projectOf(found)] };
    },
    issues: (args) => {
      const { in: ids = [] } = byIdSchema.parse(args).filter.id;
      return { nodes: ids.flatMap((id) => state.issues.get(id) ?? []) };
    },
    projectCreate: (args) => {
      const input = inputSchema.parse(args.input);
      once('Project', state.projects, input.id);
      const url = `https://linear.app/globex/project/${input.id.slice(0, 8)}`;
      const project = { id: input.id, url, trashed: false, status: { type: 'backlog' }, input };
      state.projects.set(input.id, project);
      return { success: true, project };
    },
    issueBatchCreate: (args) => {
      const { issues } = batchSchema.parse(args.input);
      for (const { id } of issues) once('Issue', state.issues, id);
      const made = issues.map((input) => {
        const identifier = `IMP-${state.issues.size + 1}`;
        const issue = {
          id: input.id,
          identifier,
          trashed: false,
          creator: { id: ME },
          state: { type: 'backlog' },
          input,
        };
        state.issues.set(input.id, issue);
        return issue;
      });
      return { success: true, issues: made };
    },
    issueBatchUpdate: (args) => {
      const ids = z.array(z.string()).min(1).max(50).parse(args.ids);
      for (const id of ids) {
        const issue = state.issues.get(id);
        if (issue === undefined) throw new Refusal('Entity not found');
        issue.trashed = true;
      }
      return { success: true };
    },
    projectDelete: (args) => {
      const project = state.projects.get(String(args.id));
      if (project === undefined || project.trashed) throw new Refusal('Entity not found');
      project.trashed = true;
      return { success: true };
    },
  };

  const answerTo = (text: string): { status: number; body: string } => {
    const { query, variables } = bodySchema.parse(JSON.parse(text));
    try {
      const { fields } = parseDocument(query, variables);
      const data = Object.fromEntries(
        fields.map((field) => [field.name, shown(acts[field.name]?.(field.args), field)]),
      );
      return { status: 200, body: JSON.stringify({ data }) };
    } catch (error) {
      if (error instanceof Refusal) {
        return { status: 200, body: errorBody('invalid input', 'INPUT_ERROR', error.message, error.sentence) };
      }
      const message = error instanceof Error ? error.message : String(error);
      return { status: 400, body: errorBody('graphql error', 'GRAPHQL_VALIDATION_FAILED', message) };
    }
  };
  const respond = (response: ServerResponse, { status, body, headers = {} }: Exclude<Fault, string>) =>
    response
      .writeHead(status, { 'content-type': body.startsWith('{') ? 'application/json' : 'text/plain', ...headers })
      .end(body);

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const name = /"query":"(?:query|mutation) (\w+)/.exec(text)?.[1] ?? '?';
    state.asked.push(name);
    if (request.headers.authorization !== LINEAR_KEY) {
      const message = 'Authentication required, not authenticated';
      return respond(response, {
        status: 401,
        body: errorBody('authentication error', 'AUTHENTICATION_ERROR', message),
      });
    }
    const fault = state.faults.get(name)?.shift();
    if (fault === 'lost_before') return request.socket.destroy();
    if (typeof fault === 'object') return respond(response, fault);
    if (fault === 'after_its_twin') answerTo(text);
    const answer = answerTo(text);
    if (fault === 'lost_after') return request.socket.destroy();
    return respond(response, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  return {
    ...state,
    baseUrl: `http://127.0.0.1:${port}/graphql`,
    strike: (operation: string, ...faults: Fault[]) => state.faults.set(operation, faults),
  };
}

export function errorBody(type: string, code: string, message: string, sentence = message): string {
  const extensions = { type, code, statusCode: 400, userError: true, userPresentableMessage: sentence };
  return JSON.stringify({ errors: [{ message, extensions }], data: null });
}

/** Only what was selected is answered. */
function shown(value: unknown, { selections }: Selection): unknown {
  if (selections.length === 0 || value === null || value === undefined) return value;
  if (Array.isArray(value)) return value.map((item) => shown(item, { name: '', args: {}, selections }));
  if (typeof value !== 'object') return value;
  return Object.fromEntries(selections.map((field) => [field.name, shown(Reflect.get(value, field.name), field)]));
}
