import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CallFault } from '../faults.ts';
import type { Workspace } from '../workspace.ts';
import { faultBody } from './error-bodies.ts';
import { notesOf } from './notes.ts';
import { pathOf } from './read.ts';

/** The paths that outsiders call; what lies under `/_sandbox` is for those who hold the strings. */
const OUTSIDE = ['/api/', '/hubspot/', '/slack/'];

/** Strikes calls with the faults in force and writes each call into the journal. */
export function watchOutsiders(app: FastifyInstance, workspace: Workspace): void {
  app.addHook('onRequest', async (request, reply) => {
    const path = pathOf(request);
    if (!OUTSIDE.some((prefix) => path.startsWith(prefix))) return undefined;
    const notes = notesOf(request);
    notes.faults = workspace.faults.forCall(request.method, path);
    for (const fault of notes.faults)
      if (fault.fault === 'delay') await sleep(fault.delayMs, undefined, { ref: false });
    if (notes.faults.some((fault) => fault.fault === 'drop' && fault.when === 'before')) {
      tell(workspace, request, null);
      reply.hijack();
      request.raw.socket.destroy();
      return reply;
    }
    const failing = notes.faults.find((fault) => fault.fault === 'status' && fault.when === 'before');
    if (failing?.fault === 'status') return answerFault(request, reply, failing);
    return undefined;
  });

  app.addHook('onSend', async (request, reply, payload) => {
    if (!OUTSIDE.some((prefix) => pathOf(request).startsWith(prefix))) return payload;
    const { faults } = notesOf(request);
    if (faults.some((fault) => fault.fault === 'drop' && fault.when === 'after')) {
      tell(workspace, request, null);
      request.raw.socket.destroy();
      return payload;
    }
    const changed = await struckAnswer(request, reply, payload, faults);
    tell(workspace, request, reply.statusCode);
    return changed;
  });
}

async function struckAnswer(request: FastifyRequest, reply: FastifyReply, payload: unknown, faults: CallFault[]) {
  const text = typeof payload === 'string' ? payload : '';
  for (const fault of faults) {
    if (fault.fault === 'status' && fault.when === 'after') {
      reply.code(fault.status).headers(fault.headers ?? {});
      return asText(fault.body ?? faultBody(pathOf(request), fault.status));
    }
    if (fault.fault === 'malformed_json') return `${text.slice(0, -1)},`;
    if (fault.fault === 'truncated_body') {
      reply.header('content-length', Buffer.byteLength(text));
      return Readable.from(cutShort(text));
    }
  }
  return payload;
}

/** Half of the text, and then the line goes dead. */
async function* cutShort(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text.slice(0, text.length / 2));
  throw new Error('Injected fault: truncated body');
}

function answerFault(request: FastifyRequest, reply: FastifyReply, fault: Extract<CallFault, { fault: 'status' }>) {
  const body = fault.body ?? faultBody(pathOf(request), fault.status);
  const type = typeof body === 'string' ? 'text/plain' : 'application/json; charset=utf-8';
  return reply
    .code(fault.status)
    .headers(fault.headers ?? {})
    .type(type)
    .send(asText(body));
}

function asText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function tell(workspace: Workspace, request: FastifyRequest, status: number | null): void {
  const notes = notesOf(request);
  if (notes.told === true) return;
  notes.told = true;
  const { method, url: path } = request;
  const { key, idempotencyKey, replayed, body } = notes;
  const faults = notes.faults.map((fault) => fault.fault);
  const call = {
    method,
    path,
    status,
    ...(key === undefined ? {} : { key }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(replayed === undefined ? {} : { replayed }),
    ...(faults.length === 0 ? {} : { faults }),
  };
  workspace.log.info(call, 'call answered');
  workspace.emit({ type: 'api', at: workspace.isoNow(), ...call, ...(body === undefined ? {} : { body }) });
}
