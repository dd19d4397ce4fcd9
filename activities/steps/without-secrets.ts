import { ApplicationFailure } from '@temporalio/activity';

/** A shorter one would blot out words of the language. */
const SHORTEST = 6;

/** Blots out secrets in a text: whatever another system repeats of our call is shown, kept and sent on. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  // Longest first: one that another begins with would leave the other's end to be read.
  const hidden = secrets
    .filter((secret) => secret.length >= SHORTEST)
    .toSorted((one, other) => other.length - one.length);
  return hidden.reduce((clean, secret) => blot(clean, secret), text);
}

/**
 * The same error where no part of it holds a secret, else its sentence alone: Temporal keeps an error's stack and causes in
 * the history.
 */
export function failureWithoutSecrets(error: unknown, secrets: readonly string[]): unknown {
  if (!textsOf(error).some((text) => withoutSecrets(text, secrets) !== text)) return error;
  const known = error instanceof ApplicationFailure ? error : undefined;
  return ApplicationFailure.create({
    message: withoutSecrets(error instanceof Error ? error.message : String(error), secrets),
    type: known?.type ?? 'Step',
    nonRetryable: known?.nonRetryable ?? false,
    ...(known?.nextRetryDelay == null ? {} : { nextRetryDelay: known.nextRetryDelay }),
  });
}

function blot(text: string, secret: string): string {
  return [secret, encodeURIComponent(secret)].reduce((clean, form) => clean.replaceAll(form, '[secret]'), text);
}

/** Message, stack and further fields of an error and of its causes. */
function textsOf(error: unknown, depth = 0): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const fields = Object.values(error).filter((value): value is string => typeof value === 'string');
  const cause = error.cause === undefined || depth > 5 ? [] : textsOf(error.cause, depth + 1);
  return [error.message, error.stack ?? '', ...fields, ...cause];
}
