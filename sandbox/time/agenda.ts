import { z } from 'zod';
import type { VirtualClock } from './clock.ts';
import { Heap } from './heap.ts';

const due = { /** Orders tasks that are due at the same instant. */ seq: z.int(), /** In ms. */ dueAt: z.number() };

/** The steps of a meeting request's conversation. */
export const requestTaskSchema = z.discriminatedUnion('kind', [
  z.object({ ...due, kind: z.literal('outreach'), requestId: z.string() }),
  z.object({ ...due, kind: z.literal('reply'), requestId: z.string(), email: z.string() }),
  z.object({ ...due, kind: z.literal('follow_up'), requestId: z.string() }),
  z.object({ ...due, kind: z.literal('search'), requestId: z.string() }),
]);
export type RequestTask = z.infer<typeof requestTaskSchema>;

/** Everything that the sandbox does later, as data: it is kept in the state file and goes on after a restart. */
export const taskSchema = z.discriminatedUnion('kind', [
  ...requestTaskSchema.options,
  z.object({ ...due, kind: z.literal('deliver'), deliveryId: z.string() }),
  z.object({ ...due, kind: z.literal('crm_notice'), noticeId: z.string() }),
]);
export type Task = z.infer<typeof taskSchema>;

type WithoutSeq<T> = T extends unknown ? Omit<T, 'seq'> : never;
export type NewTask = WithoutSeq<Task>;
export type NewRequestTask = WithoutSeq<RequestTask>;

/** What is done when a task is due. A promise stands for work that goes on beside the other tasks. */
export type RunTask = (task: Task) => Promise<void> | undefined;

/** Node's longest timer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Tasks run in one go before waiting HTTP calls get their turn. */
const BATCH = 200;

/**
 * Every due task in one heap, driven by the virtual clock through one timer. Tasks start in the order in which they are
 * due; a delivery that hangs holds up nothing that comes after it.
 */
export class Agenda {
  readonly #clock: VirtualClock;
  readonly #heap = new Heap<Task>((a, b) => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.seq < b.seq));
  readonly #underWay = new Set<Promise<void>>();
  readonly #run: RunTask;
  readonly #onError: (error: unknown, task: Task) => void;
  #timer: NodeJS.Timeout | undefined;
  #started = false;
  #advancing = 0;
  #advances: Promise<void> = Promise.resolve();
  #seq = 0;

  constructor(clock: VirtualClock, run: RunTask, onError: (error: unknown, task: Task) => void) {
    this.#clock = clock;
    this.#run = run;
    this.#onError = onError;
  }

  get size(): number {
    return this.#heap.size;
  }

  /** When the next task is due, in ms. */
  get nextDueAt(): number | undefined {
    return this.#heap.peek()?.dueAt;
  }

  add(task: NewTask): void {
    this.#seq += 1;
    this.#heap.push({ ...task, seq: this.#seq });
    this.#arm();
  }

  /** Takes tasks back; they will not run. */
  removeWhere(picked: (task: Task) => boolean): Task[] {
    return this.#heap.removeWhere(picked);
  }

  /** Every waiting task, the next one first. */
  waiting(): Task[] {
    return this.#heap.sorted();
  }

  /** Takes the place of whatever waits, as a loaded state does. */
  restore(tasks: readonly Task[]): void {
    this.#heap.removeWhere(() => true);
    for (const task of tasks) {
      this.#heap.push(task);
      this.#seq = Math.max(this.#seq, task.seq);
    }
    this.#arm();
  }

  start(): void {
    this.#started = true;
    this.#arm();
  }

  /** No further task starts. */
  stop(): void {
    this.#started = false;
    clearTimeout(this.#timer);
  }

  /** To be called when the clock was frozen, thawed, moved or rescaled. */
  clockChanged(): void {
    this.#arm();
  }

  /** Waits until everything that tasks have started is finished. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  /**
   * Moves the clock forward by `ms` and runs what becomes due on the way, each task at its own instant, together with
   * what follows from it: a delivery that fails is tried again, at the right time, within the same advance.
   */
  advance(ms: number): Promise<void> {
    const turn = this.#advances.then(() => this.#advanceNow(ms));
    this.#advances = turn;
    return turn;
  }

  async #advanceNow(ms: number): Promise<void> {
    this.#advancing += 1;
    clearTimeout(this.#timer);
    try {
      const target = this.#clock.now() + ms;
      for (;;) {
        await this.settled();
        const next = this.#heap.peek();
        if (!this.#started || next === undefined || next.dueAt > target) break;
        this.#clock.moveTo(next.dueAt);
        this.#runDue(Number.POSITIVE_INFINITY);
      }
      this.#clock.moveTo(target);
    } finally {
      this.#advancing -= 1;
      this.#arm();
    }
  }

  #runDue(limit: number): void {
    for (let done = 0; done < limit; done += 1) {
      const next = this.#heap.peek();
      if (next === undefined || next.dueAt > this.#clock.now()) return;
      this.#heap.pop();
      this.#start(next);
    }
  }

  #start(task: Task): void {
    try {
      const work = this.#run(task);
      if (work === undefined) return;
      const watched = work
        .catch((error: unknown) => this.#onError(error, task))
        .finally(() => this.#underWay.delete(watched));
      this.#underWay.add(watched);
    } catch (error) {
      this.#onError(error, task);
    }
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const next = this.#heap.peek();
    if (!this.#started || this.#advancing > 0 || next === undefined) return;
    const delay = this.#clock.realDelayUntil(next.dueAt);
    if (delay === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#runDue(BATCH);
        this.#arm();
      },
      Math.min(Math.ceil(delay), LONGEST_TIMER_MS),
    );
  }
}
