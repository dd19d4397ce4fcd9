import { z } from 'zod';
import { DEAL_EVENT_EXAMPLES, dealIdSchema, wholeDealSchema } from './event-schema.ts';

const DESCRIPTION =
  'What POST /triggers/deal takes: a won deal, whole or by its id in a configured CRM. Members that are null or an empty text count as left out; unknown ones are refused.';

/**
 * The JSON Schema (draft 2020-12) of a deal event, made from the zod schemas that check it. The committed
 * `docs/deal-event.schema.json` is this, written by `npm run build -- --schema`.
 */
export function dealEventJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(z.union([wholeDealSchema, dealIdSchema]), {
    io: 'input',
    target: 'draft-2020-12',
  });
  return { $schema, title: 'Deal event', description: DESCRIPTION, ...schema, examples: DEAL_EVENT_EXAMPLES };
}
