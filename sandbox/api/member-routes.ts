import type { FastifyInstance } from 'fastify';
import { listMembersQuerySchema } from '../../skipup/schemas.ts';
import type { Sandboxed } from '../sandboxed.ts';
import type { Gate } from './gate.ts';
import { pageOf } from './page.ts';
import { readQuery } from './read.ts';
import { memberView } from './views.ts';

/** `/workspace_members`: the active members. */
export function memberRoutes(api: FastifyInstance, { workspace }: Sandboxed, gate: Gate) {
  api.get('/workspace_members', async (request) => {
    gate.enter(request, 'members.read');
    const query = readQuery(request, listMembersQuerySchema);
    const email = query.email?.toLowerCase();
    const matching = [...workspace.state.members.values()].filter(
      (member) =>
        member.deactivatedAt === null &&
        (email === undefined || member.email === email) &&
        (query.role === undefined || member.role === query.role),
    );
    const { page, meta } = pageOf('workspace_members', matching, query);
    return { data: page.map(memberView), meta };
  });
}
