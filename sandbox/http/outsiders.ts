import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { NotAFault, readCallFaults } from '../fault-shorthand.ts';
import type { CallFault } from '../faults.ts';
import { faultBody, skipupErrorBody } from './error-bodies.ts';
import { notesOf } from './notes.ts';
import { headerOf, pathOf } from './read.ts';
import { sandboxedOf } from './sandboxed-of.ts';

/** The paths that outsiders call; what lies under `/_sandbox` is for those who hold the strings. */
const OUTSIDE = ['/api/', '/hubspot/', '/slack/'];
/** A body that never goes on is cut off at last, in real ms. */
const STALL_LIMIT_MS = 600_000;

/** Strikes calls with the faults in force, and with those they ask for themselves, and writes each call into the journal. */
export function watchOutsiders(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const path = pathOf(request);
    if (!OUTSIDE.some((prefix) => path.startsWith(prefix))) return undefined;
    const notes = notesOf(request);
    try {
      notes.faults = faultsOf(request, path);
    } catch (error) {
      if (!(error instanceof NotAFault)) throw error;
      return reply.code(400).send(skipupErrorBody('invalid_request', `X-Sandbox-Fault: ${error.message}`));
    }
    const failing = notes.faults.find((fault) => fault.fault === 'status' && fault.when === 'before');
    const isLost = isDropped(notes.faults, 'before');
    if (failing === undefined && !isLost) return undefined;
    await delayed(notes.faults, 'before');
    if (isLost) {
      tell(request, null);
      reply.hijack();
      request.raw.socket.destroy();
      return reply;
    }
    return failing?.fault === 'status' ? reply.send(asFault(request, reply, failing)) : undefined;
  });

  // A call that will have its effect is held up once it was read: a caller who gives up meanwhile has said what it wants.
  app.addHook('preValidation', async (request) => {
    await delayed(notesOf(request).faults, 'before');
  });

  app.addHook('onSend', async (request, reply, payload) => {
    if (!OUTSIDE.some((prefix) => pathOf(request).startsWith(prefix))) return payload;
    const { faults } = notesOf(request);
    await delayed(faults, 'after');
    if (isDropped(faults, 'after')) {
      tell(request, null);
      request.raw.socket.destroy();
      return payload;
    }
    const changed = struckAnswer(request, reply, payload, faults);
    tell(request, reply.statusCode);
    return changed;
  });
}

/** @throws NotAFault */
function faultsOf(request: FastifyRequest, path: string): CallFault[] {
  const asked = headerOf(request, 'x-sandbox-fault');
  const own = asked === undefined ? [] : readCallFaults(asked);
  return [...sandboxedOf(request).workspace.faults.forCall(request.method, path), ...own];
}

function isDropped(faults: readonly CallFault[], when: 'before' | 'after'): boolean {
  return faults.some((fault) => fault.fault === 'drop' && fault.when === when);
}

async function delayed(faults: readonly CallFault[], when: 'before' | 'after'): Promise<void> {
  for (const fault of faults) {
    if (fault.fault === 'delay' && fault.when === when) await sleep(fault.delayMs, undefined, { ref: false });
  }
}

/** The answer after everything that strikes it: another status first, then what becomes of its body. */
function struckAnswer(request: FastifyRequest, reply: FastifyReply, payload: unknown, faults: readonly CallFault[]) {
  let answer = payload;
  const failing = faults.find((fault) => fault.fault === 'status' && fault.when === 'after');
  if (failing?.fault === 'status') answer = asFault(request, reply, failing);
  // An answer without a body, such as a 204, has nothing to spoil.
  if (typeof answer !== 'string' || answer === '') return answer;
  if (faults.some(({ fault }) => fault === 'malformed_json')) answer = `${answer.slice(0, -1)},`;
  const broken = faults.find(({ fault }) => fault === 'truncated_body' || fault === 'stalled_body');
  if (broken === undefined) return answer;
  const bytes = Buffer.from(String(answer));
  reply.header('content-length', bytes.length);
  if (broken.fault !== 'stalled_body') return Readable.from(cutShort(bytes));
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return Readable.from(stalled(bytes, broken.resumeAfterMs, gone.signal));
}

/** Half of the body, and then the line goes dead. */
async function* cutShort(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes.subarray(0, bytes.length >> 1);
  throw new Error('Injected fault: truncated body');
}

/** Half of the body, and then nothing for a while, or until the caller has gone. */
async function* stalled(bytes: Buffer, resumeAfterMs: number | undefined, gone: AbortSignal): AsyncGenerator<Buffer> {
  const half = bytes.length >> 1;
  yield bytes.subarray(0, half);
  await sleep(resumeAfterMs ?? STALL_LIMIT_MS, undefined, { ref: false, signal: gone });
  if (resumeAfterMs === undefined) throw new Error('Injected fault: stalled body');
  yield bytes.subarray(half);
}

/** Dresses the answer as the injected error; returns its body. */
function asFault(request: FastifyRequest, reply: FastifyReply, fault: Extract<CallFault, { fault: 'status' }>): string {
  const body = fault.body ?? faultBody(pathOf(request), fault.status);
  reply
    .code(fault.status)
    .headers(fault.headers ?? {})
    .type(typeof body === 'string' ? 'text/plain' : 'application/json; charset=utf-8');
  return asText(body);
}

function asText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function tell(request: FastifyRequest, status: number | null): void {
  const notes = notesOf(request);
  if (notes.told === true) return;
  notes.told = true;
  const { workspace } = sandboxedOf(request);
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
