import { z } from 'zod';
import { DEAL_EVENT_EXAMPLES, dealIdSchema, wholeDealSchema } from './event-schema.ts';
import { FORM_EVENT_EXAMPLES, formSubmittedSchema, meetingBookedSchema } from './form-schema.ts';

const EMPTIES =
  'Members that need not be there may be null or an empty text, which counts as left out. Unknown members are refused.';

/** What `withoutEmpty` takes out before the event is checked. */
const EMPTY = { enum: ['', null], description: 'Counts as left out.' };

type Node = Record<string, unknown>;
const nodeSchema = z.record(z.string(), z.unknown());
const objectSchema = z.looseObject({
  properties: z.record(z.string(), nodeSchema),
  required: z.array(z.string()).default([]),
});

/**
 * The JSON Schema (draft 2020-12) of a deal event, made from the zod schemas that check it. The committed
 * `docs/deal-event.schema.json` is this, written by `npm run build -- --schema`.
 */
export function dealEventJsonSchema(): Record<string, unknown> {
  const description = 'What POST /triggers/deal takes: a won deal, whole or by its id in a configured CRM.';
  const about = { title: 'Deal event', description: `${description} ${EMPTIES}`, examples: DEAL_EVENT_EXAMPLES };
  return jsonSchemaOf(z.union([wholeDealSchema, dealIdSchema]), about);
}

/** The same for what `POST /triggers/form` takes of our own form; committed as `docs/form-event.schema.json`. */
export function formEventJsonSchema(): Record<string, unknown> {
  const description =
    'What POST /triggers/form takes: a form that was filled in, or a meeting that was booked elsewhere.';
  const about = { title: 'Form event', description: `${description} ${EMPTIES}`, examples: FORM_EVENT_EXAMPLES };
  return jsonSchemaOf(z.union([formSubmittedSchema, meetingBookedSchema]), about);
}

function jsonSchemaOf(
  events: z.ZodType,
  { title, description, examples }: { title: string; description: string; examples: readonly object[] },
): Record<string, unknown> {
  const { $schema, anyOf = [] } = z.toJSONSchema(events, { io: 'input', target: 'draft-2020-12' });
  const forms = anyOf.map((form) => withEmpties(nodeSchema.parse(form)));
  return { $schema, title, description, anyOf: forms, examples };
}

/** The schema with the empty values allowed wherever a member need not be there. */
function withEmpties(node: Node): Node {
  const items = nodeSchema.safeParse(node.items);
  const object = objectSchema.safeParse(node);
  const others = nodeSchema.safeParse(node.additionalProperties);
  if (!object.success) {
    if (others.success) return { ...node, additionalProperties: orEmpty(others.data) };
    return items.success ? { ...node, items: withEmpties(items.data) } : node;
  }
  const { properties, required } = object.data;
  return {
    ...node,
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, property]) => {
        const inner = withEmpties(property);
        return [name, required.includes(name) ? inner : orEmpty(inner)];
      }),
    ),
  };
}

/** Description and default stay outside, where readers and editors look for them. */
function orEmpty({ description, default: fallback, ...rest }: Node): Node {
  const choices = Array.isArray(rest.anyOf) ? rest.anyOf : [rest];
  return {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
    anyOf: [...choices, EMPTY],
  };
}
