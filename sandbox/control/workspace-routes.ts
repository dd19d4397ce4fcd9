import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { API_SCOPES, apiScopeSchema } from '../../skipup/schemas.ts';
import { memberView } from '../api/views.ts';
import { ControlError } from '../errors.ts';
import { habitsSchema, memberFixtureSchema } from '../fixtures/people.ts';
import { paramOf } from '../http/read.ts';
import { sandboxedOf } from '../http/sandboxed-of.ts';
import { memberDeactivatedPayload } from '../meeting/payloads.ts';

import { applyFixture, newSecret } from '../state/fresh.ts';
import { changeSettings, settingsChangeSchema } from '../state/settings.ts';
import { readBody } from './read.ts';

const newKeySchema = z.strictObject({
  name: z.string().min(1).max(100).optional(),
  scopes: z.array(apiScopeSchema).default([...API_SCOPES]),
});

/** Members, keys, people's habits and settings. */
export function workspaceRoutes(control: FastifyInstance): void {
  control.post('/members', async (request, reply) => {
    const { workspace } = sandboxedOf(request);
    const given = readBody(request, memberFixtureSchema);
    const email = given.email.toLowerCase();
    const known = workspace.state.members.get(email);
    if (known !== undefined && known.deactivatedAt === null) {
      throw new ControlError(409, `${email} is an active member already.`);
    }
    workspace.state.members.delete(email);
    applyFixture(workspace.state, { people: {}, everybody: {}, members: [given] }, workspace.now());
    workspace.changed();
    const member = workspace.state.members.get(email);
    return reply.code(201).send({ data: member === undefined ? null : memberView(member) });
  });

  control.post('/members/:email/deactivate', async (request) => {
    const { workspace, deliveries } = sandboxedOf(request);
    const email = paramOf(request, 'email').toLowerCase();
    const member = workspace.state.members.get(email);
    if (member === undefined) throw new ControlError(404, `There is no member ${email}.`);
    if (member.deactivatedAt !== null) throw new ControlError(409, `${email} is deactivated already.`);
    member.deactivatedAt = workspace.isoNow();
    deliveries.announce(memberDeactivatedPayload(member, member.deactivatedAt));
    workspace.changed();
    return { data: memberView(member) };
  });

  control.post('/keys', async (request, reply) => {
    const { workspace } = sandboxedOf(request);
    const { name, scopes } = readBody(request, newKeySchema);
    const { id, seq } = workspace.next('key');
    const made = { id, name: name ?? `key ${seq}`, key: newSecret('sk_sandbox_'), scopes };
    workspace.state.keys.set(id, { ...made, calls: [] });
    workspace.changed();
    return reply.code(201).send(made);
  });

  control.put('/people/:email', async (request) => {
    const { workspace } = sandboxedOf(request);
    const email = paramOf(request, 'email').toLowerCase();
    const habits = readBody(request, habitsSchema);
    workspace.state.people.set(email, { email, habits });
    workspace.changed();
    return { email, habits };
  });

  control.get('/settings', async (request) => sandboxedOf(request).workspace.state.settings);
  control.patch('/settings', async (request) => {
    const { workspace } = sandboxedOf(request);
    workspace.state.settings = changeSettings(workspace.state.settings, readBody(request, settingsChangeSchema));
    workspace.changed();
    return workspace.state.settings;
  });
}
