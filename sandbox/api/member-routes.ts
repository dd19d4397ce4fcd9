import type { FastifyInstance } from 'fastify';
import { operations } from '../openapi/index.ts';
import { pageOf } from './page.ts';
import { nothingToFind, serve } from './serve.ts';
import { memberView } from './views.ts';

/** `/workspace_members`: the active members. */
export function memberRoutes(api: FastifyInstance) {
  serve(api, operations.listWorkspaceMembers, nothingToFind, ({ sandboxed, query }) => {
    const email = query.email?.toLowerCase();
    const { page, meta } = pageOf(
      'workspace_members',
      sandboxed.workspace.state.members.values(),
      query,
      (member) =>
        member.deactivatedAt === null &&
        (email === undefined || member.email === email) &&
        (query.role === undefined || member.role === query.role),
    );
    return { data: page.map(memberView), meta };
  });
}
