import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { paramOf } from '../http/read.ts';
import { sandboxedOf } from '../http/sandboxed-of.ts';
import type { Namespaces } from '../namespaces.ts';
import { readSnapshot, snapshotText } from '../snapshots.ts';
import { clockView } from './clock-routes.ts';
import { check, readBody } from './read.ts';

/** A snapshot of 10,000 meeting requests has some 60 MB. */
const BODY_LIMIT_BYTES = 512 * 2 ** 20;

const nameSchema = z.string().regex(/^[\w.-]{1,100}$/, 'A snapshot’s name has letters, digits, . _ and -, 100 at most');
const nothingSchema = z.strictObject({});

/** `/snapshot`, `/restore`, `/snapshots`: the whole namespace as it was. What is taken out holds its keys and secrets. */
export function snapshotRoutes(control: FastifyInstance, namespaces: Namespaces): void {
  const nameOf = (request: FastifyRequest) => check(nameSchema, paramOf(request, 'snapshot'));
  const overview = (request: FastifyRequest) => {
    const { name, workspace } = sandboxedOf(request);
    return { namespace: name, clock: clockView(workspace), meetingRequests: workspace.state.requests.size };
  };

  control.get('/snapshot', async (request, reply) => {
    const pieces = snapshotText(sandboxedOf(request));
    return reply.type('application/json; charset=utf-8').send(Readable.from(pieces));
  });

  control.post('/restore', { bodyLimit: BODY_LIMIT_BYTES }, async (request) => {
    namespaces.restore(sandboxedOf(request).name, readSnapshot(readBody(request, z.unknown())));
    return overview(request);
  });

  control.get('/snapshots', async (request) => ({
    snapshots: namespaces.snapshotsOf(sandboxedOf(request).name).list(),
  }));

  control.put('/snapshots/:snapshot', async (request, reply) => {
    readBody(request, nothingSchema);
    const sandboxed = sandboxedOf(request);
    return reply.code(201).send(namespaces.snapshotsOf(sandboxed.name).keep(nameOf(request), sandboxed));
  });

  control.post('/snapshots/:snapshot/restore', async (request) => {
    readBody(request, nothingSchema);
    const { name } = sandboxedOf(request);
    namespaces.restore(name, namespaces.snapshotsOf(name).read(nameOf(request)));
    return overview(request);
  });

  control.delete('/snapshots/:snapshot', async (request, reply) => {
    namespaces.snapshotsOf(sandboxedOf(request).name).delete(nameOf(request));
    return reply.code(204).send();
  });
}
