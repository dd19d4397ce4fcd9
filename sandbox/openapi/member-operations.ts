import { listMembersQuerySchema } from '../../skipup/schemas.ts';
import { memberAnswerSchema, pageOf } from './answers.ts';
import { nothingSchema, operation } from './operation.ts';
import * as samples from './samples.ts';

export const memberOperations = {
  listWorkspaceMembers: operation({
    id: 'listWorkspaceMembers',
    method: 'GET',
    path: '/workspace_members',
    tag: 'Workspace members',
    scope: 'members.read',
    summary: 'List active members',
    description: 'Active members only, newest first, in pages. Whoever is not in this list can organize no meeting.',
    query: listMembersQuerySchema,
    body: nothingSchema,
    bodyIs: 'none',
    answer: {
      status: 200,
      description: 'One page.',
      schema: pageOf(memberAnswerSchema),
      example: { data: [samples.memberAnswer], meta: samples.lastPage },
    },
    samples: [{ summary: 'Is this person a member?', query: { email: samples.ORGANIZER } }],
  }),
};
