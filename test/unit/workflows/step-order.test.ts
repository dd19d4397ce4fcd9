import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KickoffPolicy, kickoffPolicySchema } from '../../../config/policy.ts';
import { standingOf } from '../../../workflows/steps/order.ts';
import { resultsFor } from '../../../workflows/steps/results.ts';
import { attemptsOf, UNLESS_SAID } from '../../../workflows/steps/retry.ts';
import { hasFailed, reduceSteps, type StepRun, type StepsState, stepsOf } from '../../../workflows/steps/state.ts';

type State = StepsState & { revision: number };
type Steps = KickoffPolicy['steps']['on_booked'];

const listOfSteps = (steps: readonly { id: string; after?: string[]; onFailure?: 'wait' | 'warn' }[]): Steps =>
  kickoffPolicySchema.parse({
    steps: { on_booked: steps.map((step) => ({ kind: 'crm_note', text: step.id, ...step })) },
  }).steps.on_booked;

/** Runs lists as the workflow does, one event at a time; which of what could happen next is the caller's to choose. */
class Runner {
  state: State = { queue: [], steps: [], revision: 1 };
  /** How often each step has succeeded, and which steps had not when it began. */
  readonly succeeded = new Map<string, number>();
  readonly early: string[] = [];
  readonly #steps: Steps;
  readonly #fails: (id: string, attempt: number) => boolean;
  readonly #attempts = new Map<string, number>();
  #current: { run: StepRun; open: Set<string>; running: Set<string> } | undefined;

  constructor(steps: Steps, fails: (id: string, attempt: number) => boolean) {
    this.#steps = steps;
    this.#fails = fails;
    this.state.queue.push({ list: 'on_booked', occurrence: '1' });
  }

  /** Lets one thing happen. @returns false when nothing can */
  step(choice: number): boolean {
    this.#settle();
    const moves = this.#moves();
    moves[choice % Math.max(1, moves.length)]?.();
    return moves.length > 0;
  }

  retry(id: string): void {
    this.#apply({ type: 'step_retried', id });
  }

  skip(id: string): void {
    this.#apply({ type: 'step_skipped', id, reason: 'by hand' });
  }

  stateOf(id: string): string | undefined {
    return this.state.steps.find((step) => step.id === id)?.state;
  }

  #moves(): (() => void)[] {
    const current = this.#current;
    if (current !== undefined) return [...current.running].map((id) => () => this.#finish(id));
    const [next] = this.state.queue;
    return next === undefined ? [] : [() => this.#start(next)];
  }

  #start(run: StepRun): void {
    this.#apply({ type: 'list_started', run });
    const ids = stepsOf(run, { on_booked: this.#steps }).map(({ id }) => id);
    const waits = (id: string) => this.#steps.find((step) => step.id === id)?.after !== undefined;
    this.#current = { run, open: new Set(ids.filter(waits)), running: new Set(ids.filter((id) => !waits(id))) };
    this.#settle();
  }

  /** What the workflow's conditions would do at once. */
  #settle(): void {
    const current = this.#current;
    if (current === undefined) return;
    for (let moved = true; moved; ) {
      moved = false;
      for (const id of current.open) {
        const step = this.#steps.find((one) => one.id === id);
        if (step === undefined) continue;
        const now = standingOf(step, current.run, this.state.steps);
        if (now.standing === 'wait') continue;
        moved = true;
        current.open.delete(id);
        if (now.standing === 'held') this.#apply({ type: 'step_held_back', run: current.run, id });
        else if (now.standing === 'dropped')
          this.#apply({ type: 'step_dropped', run: current.run, id, failed: now.failed });
        else {
          const isOver = (before: string) => ['done', 'skipped'].includes(this.stateOf(before) ?? '');
          this.early.push(...(step.after ?? []).filter((before) => !isOver(before)));
          this.#apply({ type: 'step_started', run: current.run, id });
          current.running.add(id);
        }
      }
    }
    if (current.open.size + current.running.size > 0) return;
    this.#current = undefined;
    this.#apply({ type: 'list_finished', run: current.run });
  }

  #finish(id: string): void {
    const current = this.#current;
    if (current === undefined) return;
    const attempt = (this.#attempts.get(id) ?? 0) + 1;
    this.#attempts.set(id, attempt);
    current.running.delete(id);
    if (this.#fails(id, attempt)) this.#apply({ type: 'step_failed', run: current.run, id, message: 'refused' });
    else {
      this.succeeded.set(id, (this.succeeded.get(id) ?? 0) + 1);
      this.#apply({ type: 'step_done', run: current.run, id, outcome: { detail: id, ids: {} } });
    }
    this.#settle();
  }

  #apply(event: Parameters<typeof reduceSteps>[1]): void {
    this.state = reduceSteps(this.state, event, { on_booked: this.#steps });
  }
}

/** Any graph: a step comes after some of those before it in the list. */
const graph = fc
  .array(
    fc.record({
      after: fc.uniqueArray(fc.nat(), { maxLength: 3 }),
      holds: fc.boolean(),
      failures: fc.constantFrom(0, 0, 0, 1, 2),
    }),
    { minLength: 1, maxLength: 9 },
  )
  .map((nodes) =>
    nodes.map(({ after, holds, failures }, index) => {
      const before = index === 0 ? [] : [...new Set(after.map((one) => `s${one % index}`))];
      return {
        failures,
        step: {
          id: `s${index}`,
          onFailure: holds ? ('wait' as const) : ('warn' as const),
          ...(before.length > 0 && { after: before }),
        },
      };
    }),
  );

describe('any graph of steps, with any failures, retries and skips', () => {
  it('runs each step once, never before those it comes after, and in the end all that can run', () => {
    fc.assert(
      fc.property(
        graph,
        fc.array(fc.nat(), { maxLength: 60 }),
        fc.array(fc.boolean(), { maxLength: 20 }),
        (nodes, choices, skips) => {
          const failures = new Map(nodes.map(({ step, failures: count }) => [step.id, count]));
          const runner = new Runner(
            listOfSteps(nodes.map(({ step }) => step)),
            (id, attempt) => attempt <= (failures.get(id) ?? 0),
          );
          const skipped = new Set<string>();
          let turn = 0;
          const settle = () => {
            for (let moves = 0; runner.step(choices[turn++ % Math.max(1, choices.length)] ?? 0); moves += 1) {
              expect(moves, 'it comes to an end').toBeLessThan(500);
            }
          };
          const isDone = (id: string) => runner.stateOf(id) === 'done' || skipped.has(id);
          settle();
          // Whoever depends on nothing that has failed has run without anybody's word.
          for (const { step } of nodes) {
            const isFree = (id: string): boolean => {
              const node = nodes.find((one) => one.step.id === id);
              return node?.failures === 0 && (node.step.after ?? []).every(isFree);
            };
            if (isFree(step.id)) expect(runner.stateOf(step.id), step.id).toBe('done');
          }
          for (let round = 0; round < 40; round += 1) {
            const failed = runner.state.steps.find(hasFailed);
            if (failed === undefined) break;
            if (skips[round % Math.max(1, skips.length)] === true) {
              skipped.add(failed.id);
              runner.skip(failed.id);
            } else runner.retry(failed.id);
            settle();
          }
          for (const { step } of nodes) expect(isDone(step.id), `${step.id} is ${runner.stateOf(step.id)}`).toBe(true);
          expect([...runner.succeeded.values()].every((count) => count === 1)).toBe(true);
          expect(runner.early).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('how often a step is tried', () => {
  it('is as ever where nothing is said', () => {
    expect(attemptsOf({ kind: 'crm_note' })).toMatchObject(UNLESS_SAID);
    expect(UNLESS_SAID).toEqual({
      local: { attempts: 3, firstMs: 250 },
      pauseMs: 0,
      regular: { firstMs: 2_000, mostMs: 300_000, forMs: 172_800_000 },
    });
  });

  it.each([
    ['one attempt has the longer time of a regular one', { attempts: 1 }, undefined, { attempts: 1, firstMs: 2_000 }],
    ['the local attempt counts', { attempts: 4 }, 2_000, { attempts: 3, firstMs: 4_000 }],
    ['waits double', { firstSeconds: 30 }, 30_000, { firstMs: 60_000 }],
    [
      'no wait is longer than the longest',
      { firstSeconds: 300, mostMinutes: 1 },
      60_000,
      { firstMs: 60_000, mostMs: 60_000 },
    ],
    ['hours count from the first attempt', { forHours: 1, firstSeconds: 60 }, 60_000, { forMs: 3_540_000 }],
    ['a fraction of a second is one', { firstSeconds: 0.01 }, 1_000, { firstMs: 2_000 }],
  ])('%s', (_rule, retry, pauseMs, regular) => {
    const attempts = attemptsOf({ kind: 'crm_note', retry });
    expect(attempts.regular).toMatchObject(regular);
    expect(attempts.local === undefined ? undefined : attempts.pauseMs).toBe(pauseMs);
  });
});

describe('what a step is told of earlier ones', () => {
  const outcome = (id: string) => ({ detail: id, ids: { id } });
  const record = (id: string, list: 'on_won' | 'on_booked' | 'on_requested', revision: number) => ({
    id,
    list,
    revision,
    kind: 'crm_note',
    occurrence: `${revision}`,
    state: 'done' as const,
    holds: false,
    outcome: outcome(`${id}-r${revision}`),
  });
  const records = [
    record('folder', 'on_won', 1),
    record('asked', 'on_requested', 1),
    record('project', 'on_booked', 1),
    record('project', 'on_booked', 2),
    record('unnamed', 'on_booked', 2),
  ];

  it('is what its texts name, of its revision or of the deal’s close', () => {
    const [step] = listOfSteps([{ id: 'mail' }]);
    if (step?.kind !== 'crm_note') throw new Error('a note');
    const naming = {
      ...step,
      text: '{{steps.project.url}} {{ steps.folder.ids.x }} {{steps.asked.url}} {{steps.nobody.url}}',
    };
    expect(resultsFor(naming, records, 2)).toEqual({ folder: outcome('folder-r1'), project: outcome('project-r2') });
    expect(resultsFor(step, records, 2)).toEqual({});
  });
});
