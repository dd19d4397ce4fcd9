import { z } from 'zod';
import { POLICY_DESCRIPTIONS, RECOVERY_DESCRIPTIONS } from './policy-descriptions.ts';
import { fileSchema } from './schema.ts';

/** JSON Schema as far as it is looked into here. */
export interface JsonSchema {
  description?: string | undefined;
  properties?: Record<string, JsonSchema> | undefined;
  additionalProperties?: JsonSchema | boolean | undefined;
  items?: JsonSchema | undefined;
  oneOf?: JsonSchema[] | undefined;
  [keyword: string]: unknown;
}

const nodeSchema: z.ZodType<JsonSchema> = z.lazy(() =>
  z.looseObject({
    description: z.string().optional(),
    properties: z.record(z.string(), nodeSchema).optional(),
    additionalProperties: z.union([z.boolean(), nodeSchema]).optional(),
    items: nodeSchema.optional(),
    oneOf: z.array(nodeSchema).optional(),
  }),
);

const STEPS = '/properties/kickoff/properties/steps';

let generated: JsonSchema | undefined;

/**
 * The JSON Schema (draft 7, what YAML editors understand) of `kickoff.config.yaml`, made from the same zod schema that
 * checks the file. The committed `kickoff.config.schema.json` is this, written by `npm run build -- --schema`.
 */
export function jsonSchema(): JsonSchema {
  if (generated === undefined) {
    const made = nodeSchema.parse(z.toJSONSchema(fileSchema, { io: 'input', target: 'draft-7' }));
    describeOptions(made.properties?.kickoff, POLICY_DESCRIPTIONS);
    const ofWorkstream = named(made.properties?.workstreams)?.properties?.kickoff;
    describeOptions(ofWorkstream, POLICY_DESCRIPTIONS);
    // The lists are the same: written out once more they would double the file.
    if (ofWorkstream?.properties?.steps !== undefined) ofWorkstream.properties.steps = { $ref: `#${STEPS}` };
    describeOptions(made.properties?.recovery, RECOVERY_DESCRIPTIONS);
    generated = { ...made, title: 'kickoff.config.yaml' };
  }
  return structuredClone(generated);
}

function describeOptions(node: JsonSchema | undefined, descriptions: Record<string, string>): void {
  for (const [option, description] of Object.entries(descriptions)) {
    const child = node?.properties?.[option];
    if (child !== undefined) child.description = description;
  }
}

/** What stands under each name of a map. */
function named(node: JsonSchema | undefined): JsonSchema | undefined {
  return typeof node?.additionalProperties === 'object' ? node.additionalProperties : undefined;
}

/** The options that may stand under a path of the file. */
export function knownKeys(path: readonly PropertyKey[]): string[] {
  const root = jsonSchema();
  let nodes: JsonSchema[] = [root];
  for (const part of path) {
    nodes = nodes.flatMap((node) => {
      const next = typeof part === 'number' ? node.items : (node.properties?.[String(part)] ?? named(node));
      if (next === undefined) return [];
      const written = next.$ref === `#${STEPS}` ? (root.properties?.kickoff?.properties?.steps ?? next) : next;
      return [written, ...(written.oneOf ?? [])];
    });
  }
  return [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))];
}

/** Every option's path, e.g. `skipup.tolerance.pastSeconds`; those of list items once for all kinds, with `[]`. */
export function optionPaths(node: JsonSchema = jsonSchema(), prefix = ''): string[] {
  const own = Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    return [path, ...optionPaths(child, path)];
  });
  const items = node.items === undefined ? [] : optionPaths(node.items, `${prefix}[]`);
  const kinds = (node.oneOf ?? []).flatMap((kind) => optionPaths(kind, prefix));
  return [...new Set([...own, ...items, ...kinds])];
}
