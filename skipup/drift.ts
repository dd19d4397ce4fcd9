import { z } from 'zod';
import { tell } from './hooks.ts';
import {
  DELIVERY_STATUSES,
  MEETING_REQUEST_STATUSES,
  meetingRequestSchema,
  pageMetaSchema,
  webhookDeliverySchema,
  webhookEndpointSchema,
  webhookTestSchema,
  workspaceMemberSchema,
} from './schemas.ts';

/** One way in which SkipUp's answers differ from what is documented. Holds names and kinds, never a value. */
export interface Drift {
  /** `MeetingRequest`, `WebhookDelivery`, …; `Answer` for what stands around them. */
  schema: string;
  /** The field: `timeframe.start`, `participant_emails[]`. */
  path: string;
  /** `string`, `object`, `one of active, paused, booked, cancelled`, …; `nothing` for a field that is not documented. */
  expected: string;
  /** `number`, `array`, …; `absent`, `unknown_value` or `unknown_field`. */
  received: string;
}

/** What is documented beyond the kinds of the fields. */
interface Documented {
  name: string;
  /** Fields that need not come. */
  optional?: readonly string[];
  /** Fields of which every value is documented. */
  values?: Readonly<Record<string, readonly string[]>>;
}

const DOCUMENTED = new Map<z.core.$ZodType, Documented>([
  [
    meetingRequestSchema,
    {
      name: 'MeetingRequest',
      optional: ['booked_at', 'cancelled_at', 'paused_at'],
      values: { status: MEETING_REQUEST_STATUSES },
    },
  ],
  [workspaceMemberSchema, { name: 'WorkspaceMember' }],
  [webhookEndpointSchema, { name: 'WebhookEndpoint', optional: ['secret'] }],
  [webhookDeliverySchema, { name: 'WebhookDelivery', values: { status: DELIVERY_STATUSES } }],
  [webhookTestSchema, { name: 'WebhookTest' }],
  [pageMetaSchema, { name: 'PageMeta', optional: ['next_cursor'] }],
]);

/** Whatever is in between may answer anything: no more than so many differences are remembered and told. */
const TOLD_MAX = 200;

/**
 * Tells where answers differ from what is documented, once for each field while the client lives. Nothing is refused for
 * it. `null` is no difference: SkipUp writes it for what is not there.
 */
export class DriftWatch {
  readonly #onDrift: ((drift: Drift) => void) | undefined;
  readonly #told = new Set<string>();

  constructor(onDrift: ((drift: Drift) => void) | undefined) {
    this.#onDrift = onDrift;
  }

  /** Compares an answer with its schema; costs nothing where nobody wants to know. */
  look(schema: z.ZodType, answer: unknown): void {
    if (this.#onDrift) this.#compare(schema, answer, 'Answer', '');
  }

  #compare(given: z.core.$ZodType, value: unknown, name: string, path: string): void {
    const schema = bare(given);
    const expected = kindOfSchema(schema);
    if (value === null || value === undefined || expected === undefined) return;
    const received = kindOf(value);
    if (received !== expected) {
      this.#tell({ schema: name, path, expected, received });
    } else if (schema instanceof z.ZodObject) {
      this.#compareFields(schema, new Map(Object.entries(value)), name, path);
    } else if (schema instanceof z.ZodArray && Array.isArray(value)) {
      for (const item of value) this.#compare(schema.element, item, name, `${path}[]`);
    }
  }

  #compareFields(schema: z.ZodObject, fields: ReadonlyMap<string, unknown>, around: string, path: string): void {
    const documented = DOCUMENTED.get(schema);
    const name = documented?.name ?? around;
    const at = (field: string) => (documented || path === '' ? field : `${path}.${field}`);
    for (const [field, fieldSchema] of Object.entries(schema.shape)) {
      const value = fields.get(field);
      if (documented && value === undefined && !documented.optional?.includes(field)) {
        const expected = kindOfSchema(bare(fieldSchema)) ?? 'anything';
        this.#tell({ schema: name, path: at(field), expected, received: 'absent' });
      }
      this.#compare(fieldSchema, value, name, at(field));
      const values = documented?.values?.[field];
      if (values && typeof value === 'string' && !values.includes(value)) {
        const expected = `one of ${values.join(', ')}`;
        this.#tell({ schema: name, path: at(field), expected, received: 'unknown_value' });
      }
    }
    for (const field of fields.keys()) {
      if (field in schema.shape) continue;
      // Names of fields are SkipUp's words; what does not look like one may be somebody's data.
      const shown = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(field) ? field : '(another name)';
      this.#tell({ schema: name, path: at(shown), expected: 'nothing', received: 'unknown_field' });
    }
  }

  #tell(drift: Drift): void {
    const key = `${drift.schema} ${drift.path}`;
    if (this.#told.has(key) || this.#told.size >= TOLD_MAX) return;
    this.#told.add(key);
    tell(this.#onDrift, drift);
  }
}

/** The schema of a value that is there: without what makes it optional or tolerated. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  while (inner instanceof z.ZodCatch || inner instanceof z.ZodOptional || inner instanceof z.ZodNullable) {
    inner = inner.unwrap();
  }
  return inner;
}

/** undefined where anything goes. */
function kindOfSchema(schema: z.core.$ZodType): string | undefined {
  if (schema instanceof z.ZodObject || schema instanceof z.ZodRecord) return 'object';
  if (schema instanceof z.ZodArray) return 'array';
  if (schema instanceof z.ZodString) return 'string';
  if (schema instanceof z.ZodNumber) return 'number';
  return schema instanceof z.ZodBoolean ? 'boolean' : undefined;
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value;
}
