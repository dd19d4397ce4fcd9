/** What a hand-over is told when it was asked wrongly, and what it answers when it has done something. */
import type { HandOverCommand, HandOverInput, HandOverStatus } from '../messages.ts';

const EXAMPLE = JSON.stringify({ email: 'leaver@yourcompany.example', reason: 'has left the company' });

/** @returns every problem of the workflow's input; empty when it is right */
export function inputProblems(input: unknown): string[] {
  const { email, reason, to, remindAfterDays }: Partial<Record<keyof HandOverInput, unknown>> = isRecord(input)
    ? input
    : {};
  const problems: string[] = [];
  if (!isEmail(email)) problems.push('email: whose kickoffs are to be handed over?');
  if (!isText(reason)) problems.push('reason: say why, in 1 to 500 characters.');
  if (to !== undefined && isEmail(email)) problems.push(...problemsOf({ to, reason }, email.trim().toLowerCase()));
  if (remindAfterDays !== undefined && !(typeof remindAfterDays === 'number' && remindAfterDays > 0)) {
    problems.push('remindAfterDays: a number above 0.');
  }
  return problems.length === 0 ? [] : [...new Set(problems), `For example: ${EXAMPLE}`];
}

/**
 * @param email whose kickoffs are handed over, lower-cased
 * @returns every problem of the update's input; empty when it is right
 */
export function problemsOf(command: unknown, email: string): string[] {
  const { to, reason }: Partial<Record<keyof HandOverCommand, unknown>> = isRecord(command) ? command : {};
  const problems: string[] = [];
  if (!isEmail(to)) problems.push('to: give the e-mail address of an active SkipUp member.');
  else if (to.trim().toLowerCase() === email) problems.push('to: that is the same person.');
  if (!isText(reason)) problems.push('reason: say why, in 1 to 500 characters.');
  return problems;
}

/** One sentence for whoever asked. */
export function answerTo(to: string, results: HandOverStatus['done']): string {
  if (results.length === 0) return 'There is nothing left to hand over.';
  const failed = results.filter(({ ok }) => !ok);
  const done = results.length - failed.length;
  const rest = failed.slice(0, 5).map(({ workflowId, message }) => `${workflowId}: ${message}`);
  return [
    `${done} of ${results.length} handed over to ${to}.`,
    ...(failed.length === 0
      ? []
      : [`Not: ${rest.join(' ')}${failed.length > 5 ? ` … and ${failed.length - 5} more` : ''}`]),
  ].join(' ');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= 500;
}

/** A shape check only, bounded in length: whether it exists is SkipUp's to say. */
function isEmail(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 254 && /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(value.trim());
}
