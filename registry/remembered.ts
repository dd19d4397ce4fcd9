import { z } from 'zod';

/** So many texts are remembered for one schema: they come from outside. */
const MAX_REMEMBERED = 1000;
const MAX_LENGTH = 200;

/**
 * The same schema, which checks a text that was right before no second time: thousands of people have the same few roles,
 * sides and time zones. What comes of it is shared, and not to be changed.
 */
export function remembered<T>(schema: z.ZodType<T>) {
  const known = new Map<unknown, { data: T }>();
  return z
    .unknown()
    .optional()
    .transform((value, context): T => {
      const before = known.get(value);
      if (before !== undefined) return before.data;
      const { success, data, error } = schema.safeParse(value);
      if (!success) {
        // Going on: whatever else is wrong with the entry is told as well.
        for (const { message, path } of error.issues) {
          context.issues.push({ code: 'custom', message, path, input: value, continue: true });
        }
        return z.NEVER;
      }
      const isShort = value === undefined || (typeof value === 'string' && value.length <= MAX_LENGTH);
      if (isShort && known.size < MAX_REMEMBERED) known.set(value, { data });
      return data;
    });
}
