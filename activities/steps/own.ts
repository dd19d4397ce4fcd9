import { ApplicationFailure } from '@temporalio/activity';
import { z } from 'zod';
import type { StepOutcome } from '../contract.ts';
import type { StepContext, StepKind, StepOf } from './kind.ts';
import type { OwnStepKind, OwnStepRun } from './own-kind.ts';

export interface OwnKindDependencies {
  /** By name; what `loadOwnKinds` has read. */
  ownKinds?: ReadonlyMap<string, OwnStepKind> | undefined;
}

/** What people see of it is a sentence, not a page. */
const DETAIL_LIMIT = 2000;

const resultSchema = z.object({
  detail: z.string().min(1),
  url: z.url({ protocol: /^https?$/ }).optional(),
  ids: z
    .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,40}$/), z.union([z.string().max(2000), z.number()]))
    .optional(),
});

/** Steps of kinds that somebody has written themselves. What such a kind does not say is taken as little as it can be. */
export function ownKind({ ownKinds = new Map() }: OwnKindDependencies): StepKind<StepOf<'own'>> {
  const named = (name: string): OwnStepKind => {
    const kind = ownKinds.get(name);
    if (kind !== undefined) return kind;
    throw ApplicationFailure.nonRetryable(
      `No kind of step is called ${name} on this worker. Name its file in stepKinds, restart the workers, then retry the step.`,
      'Configuration',
    );
  };
  return {
    async run(step, context) {
      const kind = named(step.use);
      const result = await inWords(step.use, () => kind.run(runOf(step, context)));
      const parsed = resultSchema.safeParse(result);
      if (parsed.success) return outcomeOf(parsed.data);
      const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'it'}: ${issue.message}`);
      // It has run: to run it again would do twice what it did.
      throw ApplicationFailure.nonRetryable(
        `The step has run, but ${step.use} returned no result that can be kept (${faults.join('; ')}). Correct its file, then skip the step, or retry it where it may run twice.`,
        'Own.result',
      );
    },
    async undo(step, outcome, context) {
      const kind = named(step.use);
      const { undo } = kind;
      if (undo === undefined) return { state: 'left', detail: outcome.detail };
      const { detail, url, ids } = outcome;
      const result = { detail, ids, ...(url === undefined ? {} : { url }) };
      const said = await inWords(step.use, () => undo.call(kind, { ...runOf(step, context), result }));
      return {
        state: 'undone',
        detail: typeof said === 'string' && said !== '' ? said.slice(0, DETAIL_LIMIT) : `Undone: ${detail}`,
      };
    },
  };
}

function runOf(step: StepOf<'own'>, { json, facts, marker, attempt, signal }: StepContext): OwnStepRun {
  const filled = Object.entries(step.with ?? {}).map(([name, value]) => [name, json(value)]);
  return { options: Object.fromEntries(filled), facts, marker, attempt, signal };
}

function outcomeOf({ detail, url, ids = {} }: z.infer<typeof resultSchema>): StepOutcome {
  return {
    detail: detail.slice(0, DETAIL_LIMIT),
    ids: Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, String(id)])),
    ...(url === undefined ? {} : { url }),
  };
}

/** An error of theirs is repeated unless it says otherwise; one of Temporal's own says so already. */
async function inWords<T>(name: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ApplicationFailure) throw error;
    const field = (of: string): unknown => (error instanceof Error ? Reflect.get(error, of) : undefined);
    const seconds = field('retryAfterSeconds');
    throw ApplicationFailure.create({
      message: `${name}: ${error instanceof Error ? error.message : String(error)}`,
      type: `Own.${name}`,
      nonRetryable: field('retryable') === false,
      ...(error instanceof Error ? { cause: error } : {}),
      ...(typeof seconds === 'number' && seconds > 0 ? { nextRetryDelay: seconds * 1000 } : {}),
    });
  }
}
