import { z } from 'zod';
import { type AssemblyOptions, assemblySchema, role } from './assembly.ts';
import { type KickoffPolicy, kickoffPolicySchema } from './policy.ts';

/** The main kickoff, where rows of the registry name it. */
const MAIN = 'main';

/** A name stands in workflow ids and idempotency keys, where `r2` would be the main kickoff's second revision. */
const workstreamName = z
  .string()
  .regex(
    /^(?!(?:main|r\d+)$)[a-z0-9][a-z0-9_-]{0,40}$/,
    `a workstream's name has lower-case letters, digits, - and _, at most 41, and is not ${MAIN} or r with a number`,
  );

const kickoffOverrides = overridesOf(kickoffPolicySchema);

const { labels: _, ...ofAssembly } = overridesOf(assemblySchema).shape;
const assemblyOverrides = z.strictObject({
  ...ofAssembly,
  requireOneOf: z
    .array(role)
    .max(20)
    .optional()
    .describe('Left out: those of the main kickoff that are among `roles`, or else `roles`.'),
  roles: z.array(role).min(1).max(20).optional().describe('Only people with one of these roles are invited.'),
});

const workstreamSchema = z.strictObject({
  starts: z
    .enum(['with_deal', 'by_hand'])
    .default('by_hand')
    .describe('with_deal: it starts with the main kickoff when the deal is won; by_hand: by dispatch or by an event.'),
  pipelines: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('It starts with the deals of these pipelines only, by the CRM’s ids. Left out: with every deal.'),
  kickoff: kickoffOverrides
    .default({})
    .describe('What is otherwise than under kickoff:. A list of steps takes the place of the main one.'),
  assembly: assemblyOverrides.default({}).describe('What is otherwise than under assembly:.'),
});

export const workstreamsSchema = z
  .record(workstreamName, workstreamSchema)
  .refine((streams) => Object.keys(streams).length <= 20, 'at most 20 workstreams');
export type Workstreams = z.infer<typeof workstreamsSchema>;

/** As much of the configuration as the rules of a kickoff come from. */
export interface KickoffRules {
  kickoff: KickoffPolicy;
  assembly: AssemblyOptions;
  workstreams: Workstreams;
}

/** How a kickoff is run: by the main policy, but for what its workstream says otherwise. */
export function policyOf({ kickoff, workstreams }: Omit<KickoffRules, 'assembly'>, workstream = ''): KickoffPolicy {
  const overrides = configured(workstreams, workstream)?.kickoff ?? {};
  if (Object.keys(overrides).length === 0) return kickoff;
  const { steps, ...options } = overrides;
  const lists = typeof steps === 'object' && steps !== null ? steps : {};
  return kickoffPolicySchema.parse({ ...kickoff, ...options, steps: { ...kickoff.steps, ...lists } });
}

/**
 * Who is invited: by the main rules, but for what the workstream says otherwise. Where it is for people of some roles, the
 * main kickoff's other roles are neither asked for nor missed.
 */
export function assemblyOf(
  { assembly, workstreams }: Omit<KickoffRules, 'kickoff'>,
  workstream = '',
): AssemblyOptions & { roles?: string[] | undefined } {
  const overrides = configured(workstreams, workstream)?.assembly;
  if (overrides === undefined) return assembly;
  const { roles, requireOneOf, ...options } = overrides;
  const merged = assemblySchema.parse({ ...assembly, ...options });
  if (roles === undefined) return { ...merged, requireOneOf: requireOneOf ?? assembly.requireOneOf };
  const among = (wanted: readonly string[]) => wanted.filter((one) => roles.includes(one));
  const kept = among(assembly.requireOneOf);
  const needed = assembly.requireOneOf.length === 0 || kept.length > 0 ? kept : roles;
  return {
    ...merged,
    roles,
    requireOneOf: requireOneOf ?? needed,
    expectRoles: 'expectRoles' in options ? merged.expectRoles : among(merged.expectRoles),
  };
}

/** The workstreams that start with a deal that is won. A deal without a pipeline is in none. */
export function workstreamsWithDeal(
  workstreams: Workstreams,
  { pipeline }: { pipeline?: string | undefined },
): string[] {
  return Object.entries(workstreams)
    .filter(([, { starts, pipelines }]) => {
      const isTaken = pipelines === undefined || (pipeline !== undefined && pipelines.includes(pipeline));
      return starts === 'with_deal' && isTaken;
    })
    .map(([name]) => name);
}

/** The options that a workstream has of its own, as paths under its name. */
export function ownOptions(workstreams: Workstreams, name: string): string[] {
  const { kickoff = {}, assembly = {} } = configured(workstreams, name) ?? {};
  const { steps, ...options } = kickoff;
  return [
    ...Object.keys(options).map((option) => `kickoff.${option}`),
    ...Object.keys(steps ?? {}).map((list) => `kickoff.steps.${list}`),
    ...Object.keys(assembly).map((option) => `assembly.${option}`),
  ];
}

function configured(workstreams: Workstreams, name: string): Workstreams[string] | undefined {
  return Object.hasOwn(workstreams, name) ? workstreams[name] : undefined;
}

/** The same options, each of which may be left out and then has no default. */
function overridesOf(schema: z.ZodObject): z.ZodObject {
  const options: [string, z.ZodType][] = Object.entries(schema.shape);
  return z.strictObject(
    Object.fromEntries(
      options.map(([name, option]) => {
        const inner = withoutDefault(option);
        const open = z.optional(inner instanceof z.ZodObject ? overridesOf(inner) : inner);
        const { description } = option;
        return [name, description === undefined ? open : open.describe(description)];
      }),
    ),
  );
}

/** A default also fills in what is optional around it. */
function withoutDefault(option: z.core.$ZodType): z.core.$ZodType {
  const isWrapped =
    option instanceof z.ZodDefault || option instanceof z.ZodPrefault || option instanceof z.ZodOptional;
  return isWrapped ? withoutDefault(option.unwrap()) : option;
}
