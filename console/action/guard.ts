import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { checkForm, FormRefused } from '../access/check-form.ts';
import type { Visit } from '../visit.ts';
import type { Posted } from './action.ts';
import type { Attempt, Attempts } from './attempts.ts';
import { textIn, textsOf } from './posted.ts';

/** Temporal takes no longer id; nothing else that is acted on has one. */
const LONGEST_ID = 1_000;

/** Why somebody may not do anything here, in words; undefined: they may. */
export function whyNot({ may, viewer }: Visit): string | undefined {
  switch (may) {
    case 'act':
      return undefined;
    case 'only look: viewer':
      return `You are signed in as ${viewer.name}, who may look but not change anything. Ask an operator.`;
    case 'only look: read-only':
      return 'The console is switched to read-only: nothing can be changed here.';
  }
}

/**
 * Why a form is not taken, of which only the sender is known yet; written down.
 *
 * @param on what it says that it is done to
 * @returns a sentence; undefined when its sender may act
 */
export async function lookersForm(
  { visit }: FastifyRequest,
  attempts: Attempts,
  action: Attempt['action'],
  on: string,
): Promise<string | undefined> {
  const sentence = whyNot(visit);
  if (sentence !== undefined) await writeDown(attempts, action, visit, on, sentence);
  return sentence;
}

/**
 * Holds the form's token against the session's. Where it was parsed before, that has been done; of one with files nobody has
 * read the token yet.
 *
 * @throws {FormRefused} `writeRefusalsDown` keeps it
 */
export function checkToken(request: FastifyRequest, posted: Posted): void {
  checkForm(request, posted.csrf);
}

/** Whoever is signed in and sends a form that is not their session's is in the audit log, wherever it was refused. */
export function writeRefusalsDown(
  app: FastifyInstance,
  attempts: Attempts,
  actionOf: (request: FastifyRequest) => Attempt['action'] | undefined,
): void {
  app.addHook('onError', async (request, _reply, error) => {
    const visit: Visit | undefined = request.visit;
    const action = actionOf(request);
    if (!(error instanceof FormRefused) || visit === undefined || action === undefined) return;
    await writeDown(attempts, action, visit, textIn(textsOf(request.body), 'on'), error.message);
  });
}

/** Under an id of its own: the form's may be somebody else's. */
async function writeDown(
  attempts: Attempts,
  action: Attempt['action'],
  { viewer }: Visit,
  on: string,
  sentence: string,
): Promise<void> {
  const refused = { attempt: randomUUID(), action, on: on.slice(0, LONGEST_ID), by: viewer, reason: '' };
  await attempts.refuse(refused, sentence);
}

/** Whether this can be the id of anything: PostgreSQL's text has no NUL. */
export function isPlausibleId(on: string): boolean {
  return on.length <= LONGEST_ID && !on.includes('\0');
}
