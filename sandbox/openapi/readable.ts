import { z } from 'zod';

const schemaNode = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  format: z.string().optional(),
  description: z.string().optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  default: z.unknown().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  required: z.array(z.string()).optional(),
  get properties() {
    return z.record(z.string(), schemaNode).optional();
  },
  get items() {
    return schemaNode.optional();
  },
  get anyOf() {
    return z.array(schemaNode).optional();
  },
  get allOf() {
    return z.array(schemaNode).optional();
  },
});
export type SchemaNode = z.infer<typeof schemaNode>;

const exampleSchema = z.object({ summary: z.string().optional(), value: z.unknown() });
const contentSchema = z.record(
  z.string(),
  z.object({
    schema: schemaNode,
    example: z.unknown().optional(),
    examples: z.record(z.string(), exampleSchema).default({}),
  }),
);
const parameterSchema = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean(),
  description: z.string(),
  schema: schemaNode,
  example: z.unknown().optional(),
  examples: z.record(z.string(), exampleSchema).default({}),
});
export type ReadableParameter = z.infer<typeof parameterSchema>;
const answerSchema = z.object({
  $ref: z.string().optional(),
  description: z.string().default(''),
  content: contentSchema.default({}),
});
export type ReadableAnswer = z.infer<typeof answerSchema>;
const operationSchema = z.object({
  operationId: z.string(),
  tags: z.array(z.string()),
  summary: z.string(),
  description: z.string().default(''),
  'x-required-scope': z.string().default(''),
  parameters: z.array(parameterSchema).default([]),
  requestBody: z.object({ required: z.boolean(), content: contentSchema }).optional(),
  responses: z.record(z.string(), answerSchema),
});
export type ReadableOperation = z.infer<typeof operationSchema>;
const documentSchema = z.object({
  openapi: z.string(),
  info: z.object({ title: z.string(), version: z.string(), description: z.string() }),
  servers: z.tuple([z.object({ url: z.string() })]),
  tags: z.array(z.object({ name: z.string(), description: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  webhooks: z.record(z.string(), z.object({ post: operationSchema })),
  components: z.object({
    securitySchemes: z.object({ apiKey: z.object({ description: z.string() }) }),
    responses: z.record(z.string(), answerSchema),
    schemas: z.record(z.string(), schemaNode),
  }),
});

/** As much of an OpenAPI document as its page shows. */
export type ReadableDocument = z.infer<typeof documentSchema>;

export function readable(document: unknown): ReadableDocument {
  return documentSchema.parse(document);
}

/** The last part of a reference: the name of what it refers to. */
export function nameIn(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}
