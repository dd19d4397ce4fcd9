import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Visit } from '../visit.ts';
import type { Posted } from './action.ts';
import type { Attempt, Attempts } from './attempts.ts';
import { isOwnForm } from './own-form.ts';
import { textIn } from './posted.ts';

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
 * Why a form is not taken that this session was not given; written down.
 *
 * @returns a sentence; undefined when it is the session's own
 */
export async function foreignForm(
  request: FastifyRequest,
  attempts: Attempts,
  action: Attempt['action'],
  posted: Posted,
): Promise<string | undefined> {
  if (isOwnForm(request, textIn(posted, 'csrf'))) return undefined;
  const sentence = 'This form was not made for your session, or you have signed in anew since. Open its page again.';
  await writeDown(attempts, action, request.visit, textIn(posted, 'on'), sentence);
  return sentence;
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
