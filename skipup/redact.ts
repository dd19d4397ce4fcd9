import { inspect } from 'node:util';

const TEXT_MAX = 500;

/**
 * Text of the other side's, made fit for an error message: without API keys (a server may echo the one it refused),
 * without control characters, and short.
 */
export function redact(text: string, apiKey: string): string {
  return text
    .slice(0, 16_384)
    .replaceAll(apiKey, '[redacted]')
    .replace(/sk_[A-Za-z0-9_-]{4,}/g, 'sk_[redacted]')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, TEXT_MAX);
}

/** An error to keep as a cause: itself, unless it would show the key (undici's parse errors carry the raw answer). */
export function redactCause(cause: unknown, apiKey: string): unknown {
  // Everything, however deep and long: what is cut off here could still be shown by another reader.
  const shown = inspect(cause, { depth: 50, maxStringLength: null, maxArrayLength: null });
  if (!shown.includes(apiKey) && !/sk_[A-Za-z0-9_-]{4,}/.test(shown)) return cause;
  return new Error(redact(cause instanceof Error ? cause.message : String(cause), apiKey));
}
