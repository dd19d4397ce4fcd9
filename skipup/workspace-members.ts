import type { ListOptions } from './call-options.ts';
import { check } from './check.ts';
import type { PagedList } from './paged-list.ts';
import {
  type ListMembersQuery,
  listMembersQuerySchema,
  pageOf,
  type WorkspaceMember,
  workspaceMemberSchema,
} from './schemas.ts';
import type { Transport } from './transport.ts';

const pageSchema = pageOf(workspaceMemberSchema);

/** `client.workspaceMembers`; needs the scope `members.read`. */
export class WorkspaceMembers {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * The workspace's active members; a deactivated one is not listed.
   * @param query - `email` finds one person, e.g. to learn whether somebody may organize
   */
  list(query: ListMembersQuery = {}, options: ListOptions = {}): PagedList<WorkspaceMember> {
    return this.#transport.list(options, query.cursor, pageSchema, (cursor) => ({
      method: 'GET',
      route: '/workspace_members',
      path: '/workspace_members',
      scope: 'members.read',
      query: check(listMembersQuerySchema, { ...query, cursor }, 'The query'),
      repeat: 'always',
    }));
  }
}
