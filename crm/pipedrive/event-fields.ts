import { z } from 'zod';
import { firstProblem } from '../body.ts';
import { TriggerRefused } from '../port.ts';

/** An id in an event: the documents show numbers as well as texts. */
export const eventIdSchema = z.union([z.int().nonnegative(), z.string().min(1).max(128)]).transform(String);
/** A moment in any spelling; `instantOf` reads it. */
export const momentSchema = z.union([z.number(), z.string().max(64)]).nullish();

/** What is read of a deal in an event; everything else is read from the API when the event counts. */
export const dealStateSchema = z.object({
  id: eventIdSchema.nullish(),
  status: z.string().max(64).nullish(),
  won_time: momentSchema,
  is_deleted: z.boolean().nullish(),
});

export type DealState = z.infer<typeof dealStateSchema>;

/** Why an event about something else than a deal is of no use. */
export function about(entity: string): string {
  return `about ${/^[aeio]/i.test(entity) ? 'an' : 'a'} ${entity}, not a deal`;
}

/** Deal ids are numbers; a deal with another one could not be read. @throws TriggerRefused `malformed_body` */
export function requireDigits(dealId: string, path: PropertyKey[]): void {
  if (!/^\d{1,16}$/.test(dealId)) {
    throw malformed(path, 'expected digits');
  }
}

/** @throws TriggerRefused `malformed_body`, naming the field */
export function parseEvent<T>(schema: z.ZodType<T>, value: unknown, prefix: PropertyKey[]): T {
  const result = schema.safeParse(value);
  if (!result.success) {
    throw refused(firstProblem(result.error, prefix));
  }
  return result.data;
}

export function malformed(path: PropertyKey[], problem: string): TriggerRefused {
  return refused(`at ${path.map(String).join('.')}: ${problem}`);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refused(where: string): TriggerRefused {
  return new TriggerRefused('malformed_body', `The event is not as Pipedrive documents it, ${where}.`);
}
