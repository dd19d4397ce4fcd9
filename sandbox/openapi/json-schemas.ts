import { z } from 'zod';
import {
  cancelSchema,
  changeOrganizerSchema,
  contextSchema,
  createMeetingRequestSchema,
  createWebhookEndpointSchema,
  emailSchema,
  instantSchema,
  nestedContextSchema,
  participantSchema,
  timeframeSchema,
  timeZoneSchema,
  updateWebhookEndpointSchema,
} from '../../skipup/schemas.ts';
import {
  deliveryAnswerSchema,
  endpointAnswerSchema,
  meetingRequestAnswerSchema,
  memberAnswerSchema,
  newEndpointAnswerSchema,
  pageMetaAnswerSchema,
  webhookTestAnswerSchema,
} from './answers.ts';
import { errorAnswerSchema } from './error-answers.ts';
import { FIELD_DESCRIPTIONS } from './field-descriptions.ts';
import { nothingSchema } from './operation.ts';
import { webhookPayloadSchemas } from './webhook-payloads.ts';

/** A JSON Schema, or any part of the document. */
export type Json = { [name: string]: unknown };

/** `meeting_request.booked` is described by MeetingRequestBookedPayload. */
function payloadName(event: string): string {
  return `${event.replaceAll(/(?:^|[._])(\w)/g, (_, letter: string) => letter.toUpperCase())}Payload`;
}

/** The schemas that stand in the document under a name of their own. */
const named = z.registry<{ id: string; description?: string }>();
const PARTS: readonly [string, z.ZodType, string?][] = [
  ['MeetingRequest', meetingRequestAnswerSchema],
  ['CreateMeetingRequest', createMeetingRequestSchema, 'Either `participants` or `participant_emails`.'],
  ['Participant', participantSchema],
  ['Email', emailSchema, 'An e-mail address, letters of any script included.'],
  ['TimeZone', timeZoneSchema, 'A name of the IANA time zone database.'],
  ['Instant', instantSchema, 'ISO 8601 with `Z` or an offset.'],
  ['Context', nestedContextSchema],
  ['ContextUpdate', contextSchema, 'At least one of the fields.'],
  ['Timeframe', timeframeSchema, 'From and to, both inclusive; it must end after it starts.'],
  ['CancelMeetingRequest', cancelSchema],
  ['ChangeOrganizer', changeOrganizerSchema],
  ['WorkspaceMember', memberAnswerSchema],
  ['WebhookEndpoint', endpointAnswerSchema],
  ['NewWebhookEndpoint', newEndpointAnswerSchema],
  ['CreateWebhookEndpoint', createWebhookEndpointSchema],
  ['UpdateWebhookEndpoint', updateWebhookEndpointSchema, 'At least one of the fields.'],
  ['WebhookDelivery', deliveryAnswerSchema],
  ['WebhookTest', webhookTestAnswerSchema],
  ['PageMeta', pageMetaAnswerSchema],
  ['Nothing', nothingSchema, 'No fields: this call takes none.'],
  ['Error', errorAnswerSchema],
  ...Object.entries(webhookPayloadSchemas).map(([event, schema]): [string, z.ZodType] => [payloadName(event), schema]),
];
for (const [id, schema, description] of PARTS) {
  named.add(schema, { id, ...(description === undefined ? {} : { description }) });
}

/** Instants and days are described by their format; zod's own patterns for them are pages long. */
const SHORT_PATTERNS: Readonly<Record<string, string>> = {
  'date-time': '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d+)?(?:Z|[+-]\\d{2}:\\d{2})$',
  date: '^\\d{4}-\\d{2}-\\d{2}$',
};

/**
 * The same characters, written so that every implementation of JSON Schema knows them. Halves of surrogate pairs are left
 * out: they are no characters, and some implementations refuse a pattern that names them.
 */
function portable(pattern: string): string {
  return pattern
    .replaceAll('\\p{Cs}', '')
    .replaceAll('\\p{Cc}', '\\u0000-\\u001F\\u007F-\\u009F')
    .replaceAll('\\0', '\\u0000');
}

/** What a refinement says in code, said in JSON Schema as far as that goes. */
function refine(schema: z.core.$ZodType, json: z.core.JSONSchema.BaseSchema): void {
  if (schema === timeZoneSchema) {
    Object.assign(json, { format: 'time-zone', minLength: 2, maxLength: 64, pattern: '^[A-Za-z][A-Za-z0-9_+\\-/]+$' });
  }
  // Texts count characters; what zod's own limit would count is said by the schema itself.
  const { maxLength } = z.globalRegistry.get(schema) ?? {};
  if (typeof maxLength === 'number' && json.type === 'string') json.maxLength = maxLength;
  if (schema === createMeetingRequestSchema) {
    json.oneOf = [{ required: ['participants'] }, { required: ['participant_emails'] }];
  }
  if (schema === contextSchema || schema === updateWebhookEndpointSchema) json.minProperties = 1;
  const short = SHORT_PATTERNS[json.format ?? ''];
  if (short !== undefined) json.pattern = short;
  if (json.pattern !== undefined) json.pattern = portable(json.pattern);
}

/** Turns zod schemas into JSON Schema (2020-12, which OpenAPI 3.1 speaks) and collects the named ones. */
export class JsonSchemas {
  readonly components: Record<string, Json> = {};

  /** The schema itself, or a reference when it has a name. */
  of(schema: z.ZodType): Json {
    // As a field it becomes a reference like any other that has a name.
    const { properties, $defs } = z.toJSONSchema(z.strictObject({ it: schema }), {
      metadata: named,
      io: 'output',
      override: ({ zodSchema, jsonSchema }) => refine(zodSchema, jsonSchema),
    });
    for (const [name, { id: _id, ...component }] of Object.entries(moved($defs ?? {}))) {
      this.components[name] ??= described(name, component);
    }
    return moved({ it: properties?.it ?? {} }).it ?? {};
  }

  /** The fields of an object, for parameters. */
  fieldsOf(schema: z.ZodType): { name: string; required: boolean; schema: Json }[] {
    if (!(schema instanceof z.ZodObject)) throw new Error('Parameters are declared as an object.');
    const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
    return Object.entries(shape).map(([name, field]) => {
      if (!(field instanceof z.ZodType))
        throw new Error(`The parameter ${name} is declared by something else than zod.`);
      return { name, required: !field.safeParse(undefined).success, schema: this.of(field) };
    });
  }
}

const propertiesSchema = z.record(z.string(), z.looseObject({}));

/** With what each field means, where that is said. */
function described(name: string, component: Json): Json {
  // A new endpoint is an endpoint with its secret.
  const meanings = { ...FIELD_DESCRIPTIONS[name.replace(/^New/, '')], ...FIELD_DESCRIPTIONS[name] };
  if (Object.keys(meanings).length === 0) return component;
  const properties = Object.entries(propertiesSchema.parse(component.properties ?? {}));
  const withMeaning = properties.map(([field, schema]) => {
    const description = meanings[field];
    return [field, description === undefined ? schema : { ...schema, description }];
  });
  return { ...component, properties: Object.fromEntries(withMeaning) };
}

const partsSchema = z.record(z.string(), z.looseObject({}));

/** With references as they are in an OpenAPI document. */
function moved(parts: object): Record<string, Json> {
  return partsSchema.parse(JSON.parse(JSON.stringify(parts).replaceAll('"#/$defs/', '"#/components/schemas/')));
}
