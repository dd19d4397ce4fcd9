/** What a local account may be called. */
export const ACCOUNT_NAME_RULE =
  'lower-case letters, digits and . _ - @ +, at most 100, beginning with a letter or digit';

/** A name as accounts have it, however it was typed; undefined when no account can have it. */
export function accountName(typed: string): string | undefined {
  const name = typed.trim().toLowerCase();
  return /^[a-z0-9][a-z0-9._@+-]{0,99}$/.test(name) ? name : undefined;
}
