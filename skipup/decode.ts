import type { z } from 'zod';
import { SkipUpDecodingError } from './errors.ts';

/** An answer to a call that succeeded. */
interface ReadableAnswer {
  /** `GET /meeting_requests/:id`, without ids. */
  what: string;
  status: number;
  requestId: string | undefined;
  text: string;
  /** Whether SkipUp may have acted: true for all calls but reads. */
  ambiguous: boolean;
  /** Whether the call may be sent again although it may have been acted on. */
  repeatable: boolean;
}

/**
 * Reads an answer by its schema.
 * @param look - sees the JSON once it is known to fit
 * @throws SkipUpDecodingError for what is no JSON, and for what lacks an id
 */
export function decode<T>(answer: ReadableAnswer, schema: z.ZodType<T>, look: (json: unknown) => void): T {
  const { what, text, ...facts } = answer;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own error quotes the answer, which may hold people's data: it is not kept.
    throw new SkipUpDecodingError(
      `SkipUp answered ${what} with ${answer.status} and no readable JSON. Check the base URL and what stands in between.`,
      // Something in between said it (a gateway's page), which may pass; an empty answer is SkipUp's own.
      text !== '' || answer.repeatable,
      facts,
    );
  }
  const result = schema.safeParse(json);
  if (!result.success) {
    const where = result.error.issues
      .slice(0, 5)
      .map((issue) => issue.path.join('.') || 'the whole')
      .join(', ');
    throw new SkipUpDecodingError(
      `SkipUp answered ${what} with ${answer.status} in a shape this client does not know (at ${where}). Look for a newer client.`,
      false,
      { ...facts, cause: result.error },
    );
  }
  look(json);
  return result.data;
}
