import { z } from 'zod';
import { POLICY_DESCRIPTIONS, RECOVERY_DESCRIPTIONS } from './policy-descriptions.ts';
import { fileSchema } from './schema.ts';
import {
  COMMON_STEP_DESCRIPTIONS,
  ISSUE_DESCRIPTIONS,
  KIND_DESCRIPTIONS,
  RETRY_DESCRIPTIONS,
  STEP_DESCRIPTIONS,
  UNDO_CALL_DESCRIPTIONS,
} from './step-descriptions.ts';

/** JSON Schema as far as it is looked into here. */
export interface JsonSchema {
  description?: string | undefined;
  properties?: Record<string, JsonSchema> | undefined;
  additionalProperties?: JsonSchema | boolean | undefined;
  items?: JsonSchema | undefined;
  oneOf?: JsonSchema[] | undefined;
  const?: unknown;
  $ref?: string | undefined;
  definitions?: Record<string, JsonSchema> | undefined;
  [keyword: string]: unknown;
}

const nodeSchema: z.ZodType<JsonSchema> = z.lazy(() =>
  z.looseObject({
    description: z.string().optional(),
    properties: z.record(z.string(), nodeSchema).optional(),
    additionalProperties: z.union([z.boolean(), nodeSchema]).optional(),
    items: nodeSchema.optional(),
    oneOf: z.array(nodeSchema).optional(),
    $ref: z.string().optional(),
    definitions: z.record(z.string(), nodeSchema).optional(),
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
    for (const kind of made.definitions?.step?.oneOf ?? []) describeKind(kind);
    generated = { ...made, title: 'kickoff.config.yaml' };
  }
  return structuredClone(generated);
}

function describeKind(node: JsonSchema): void {
  const descriptions: { [kind: string]: Record<string, string> } = STEP_DESCRIPTIONS;
  const kinds: { [kind: string]: string } = KIND_DESCRIPTIONS;
  const kind = kindOf(node);
  node.description = kinds[kind];
  describeOptions(node, { ...COMMON_STEP_DESCRIPTIONS, kind: kinds[kind] ?? '', ...descriptions[kind] });
  describeOptions(node.properties?.retry, RETRY_DESCRIPTIONS);
  describeOptions(node.properties?.issues?.items, ISSUE_DESCRIPTIONS);
  describeOptions(node.properties?.undoWith, UNDO_CALL_DESCRIPTIONS);
}

function kindOf(node: JsonSchema): string {
  return String(node.properties?.kind?.const);
}

function describeOptions(node: JsonSchema | undefined, descriptions: Record<string, string>): void {
  for (const [option, description] of Object.entries(descriptions)) {
    const child = node?.properties?.[option];
    if (child !== undefined) child.description = description;
  }
}

/** A node, or what it refers to. */
function resolved(node: JsonSchema, root: JsonSchema): JsonSchema {
  if (node.$ref === `#${STEPS}`) return root.properties?.kickoff?.properties?.steps ?? node;
  const name = node.$ref?.replace('#/definitions/', '');
  return (name === undefined ? undefined : root.definitions?.[name]) ?? node;
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
      const meant = resolved(next, root);
      return [meant, ...(meant.oneOf ?? [])];
    });
  }
  return [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))];
}

/**
 * Every option's path, e.g. `skipup.tolerance.pastSeconds`; of a list's items with `[]`. Those of steps stand once for all
 * lists, by kind: `step.email.subject`.
 */
export function optionPaths(): string[] {
  const root = jsonSchema();
  const kinds = root.definitions?.step?.oneOf ?? [];
  return [...pathsBelow(root, ''), ...kinds.flatMap((kind) => pathsBelow(kind, `step.${kindOf(kind)}`))];
}

function pathsBelow(node: JsonSchema, prefix: string): string[] {
  const own = Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    return [path, ...pathsBelow(child, path)];
  });
  return [...own, ...(node.items === undefined ? [] : pathsBelow(node.items, `${prefix}[]`))];
}
