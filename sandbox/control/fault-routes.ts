import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ControlError } from '../errors.ts';
import type { Faults } from '../faults.ts';
import { faultRuleSchema } from '../faults.ts';
import { paramOf } from '../http/read.ts';
import { sandboxedOf } from '../http/sandboxed-of.ts';
import { readBody } from './read.ts';

const rulesSchema = z.union([z.array(faultRuleSchema).min(1), faultRuleSchema.transform((rule) => [rule])]);

/** `/faults`: put rules in force, see how often they struck, take them back. */
export function faultRoutes(control: FastifyInstance): void {
  const view = (faults: Faults) => ({ faults: faults.list().map(({ id, rule, hits }) => ({ id, ...rule, hits })) });

  control.get('/faults', async (request) => view(sandboxedOf(request).workspace.faults));
  control.post('/faults', async (request, reply) => {
    const { workspace } = sandboxedOf(request);
    const { faults } = workspace;
    const rules = readBody(request, rulesSchema);
    const ids = rules.map((rule) => faults.add(`fault_${workspace.count('fault')}`, rule).id);
    workspace.changed();
    return reply.code(201).send({ ids, ...view(faults) });
  });
  control.delete('/faults', async (request) => {
    const { workspace } = sandboxedOf(request);
    const removed = workspace.faults.remove();
    workspace.changed();
    return { removed };
  });
  control.delete('/faults/:id', async (request) => {
    const { workspace } = sandboxedOf(request);
    const id = paramOf(request, 'id');
    const removed = workspace.faults.remove(id);
    if (removed === 0) throw new ControlError(404, `There is no fault rule ${id}.`);
    workspace.changed();
    return { removed };
  });
}
