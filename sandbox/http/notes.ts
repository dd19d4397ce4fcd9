import type { FastifyRequest } from 'fastify';
import type { CallFault } from '../faults.ts';

/** What is learnt about a call on its way, for the journal and for the faults that strike its answer. */
export interface CallNotes {
  faults: CallFault[];
  /** The API key's name. */
  key?: string;
  idempotencyKey?: string;
  replayed?: boolean;
  body?: unknown;
  /** The journal has it. */
  told?: boolean;
}

const notes = new WeakMap<FastifyRequest, CallNotes>();

export function notesOf(request: FastifyRequest): CallNotes {
  const found = notes.get(request);
  if (found !== undefined) return found;
  const fresh: CallNotes = { faults: [] };
  notes.set(request, fresh);
  return fresh;
}
