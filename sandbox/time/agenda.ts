import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
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

/** What a task is about: a meeting request, a delivery or a notice of the CRM. Their ids never meet. */
function subjectOf(task: NewTask): string {
  if ('requestId' in task) return task.requestId;
  return task.kind === 'deliver' ? task.deliveryId : task.noticeId;
}

/**
 * What is done when a task is due. A promise stands for work that goes on beside the other tasks. While the clock is
 * advanced or stands still, there is a `turn` to wait for before anything is written down: then what runs at one instant is
 * told in the order in which it was due, whoever answered first.
 */
export type RunTask = (task: Task, turn: Promise<void> | undefined) => Promise<void> | undefined;

/** Node's longest timer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** A clock that stands still lets a delivery wait so long, in real ms, for one that was due before it and hangs. */
const PATIENCE_MS = 250;
/** Tasks run in one go before waiting HTTP calls get their turn. */
const BATCH = 200;

/**
 * Every due task in one heap, driven by the virtual clock through one timer. Tasks start in the order in which they are
 * due; a delivery that hangs holds up nothing that comes after it.
 */
export class Agenda {
  readonly #clock: VirtualClock;
  readonly #heap = new Heap<Task>((a, b) => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.seq < b.seq));
  /** The waiting tasks by what they are about. One that is taken back leaves here at once and the heap when its turn comes. */
  readonly #waiting = new Map<string, Task[]>();
  #size = 0;
  readonly #underWay = new Set<Promise<void>>();
  readonly #run: RunTask;
  readonly #onError: (error: unknown, task: Task) => void;
  #timer: NodeJS.Timeout | undefined;
  #started = false;
  #advancing = 0;
  #advances: Promise<void> = Promise.resolve();
  /** When everything that was started so far has been told. */
  #told: Promise<void> = Promise.resolve();
  #seq = 0;
  /** Resolves when everything is replaced: an advance that began before waits for nothing any more. */
  #replaced = signal();

  constructor(clock: VirtualClock, run: RunTask, onError: (error: unknown, task: Task) => void) {
    this.#clock = clock;
    this.#run = run;
    this.#onError = onError;
  }

  get size(): number {
    return this.#size;
  }

  /** When the next task is due, in ms. */
  get nextDueAt(): number | undefined {
    return this.#next()?.dueAt;
  }

  add(task: NewTask): void {
    this.#seq += 1;
    this.#push({ ...task, seq: this.#seq });
    this.#arm();
  }

  /**
   * Takes back what waits for a meeting request, a delivery or a notice; it will not run.
   *
   * @param picked which of it; all when left out
   */
  takeBack(subject: string, picked: (task: Task) => boolean = () => true): Task[] {
    const taken = [...(this.#waiting.get(subject) ?? [])].filter(picked);
    for (const task of taken) this.#forget(task);
    return taken;
  }

  /** Whether anything waits for a meeting request, a delivery or a notice. */
  has(subject: string): boolean {
    return this.#waiting.has(subject);
  }

  /** Every waiting task, the next one first. */
  waiting(): Task[] {
    return this.#heap.sorted().filter((task) => this.#waits(task));
  }

  /** Takes the place of whatever waits, as a loaded state does. An advance under way ends where the new state stands. */
  restore(tasks: readonly Task[]): void {
    this.#replaced.resolve();
    this.#replaced = signal();
    this.#underWay.clear();
    this.#told = Promise.resolve();
    this.#seq = 0;
    this.#heap.clear();
    this.#waiting.clear();
    this.#size = 0;
    for (const task of tasks) {
      this.#push(task);
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

  #push(task: Task): void {
    this.#heap.push(task);
    const subject = subjectOf(task);
    const about = this.#waiting.get(subject);
    if (about === undefined) this.#waiting.set(subject, [task]);
    else about.push(task);
    this.#size += 1;
  }

  #forget(task: Task): void {
    const subject = subjectOf(task);
    const about = this.#waiting.get(subject) ?? [];
    const at = about.indexOf(task);
    if (at < 0) return;
    about.splice(at, 1);
    this.#size -= 1;
    if (about.length === 0) this.#waiting.delete(subject);
  }

  #waits(task: Task): boolean {
    return this.#waiting.get(subjectOf(task))?.includes(task) === true;
  }

  /** The next task; those taken back are thrown away on the way to it. */
  #next(): Task | undefined {
    for (;;) {
      const first = this.#heap.peek();
      if (first === undefined || this.#waits(first)) return first;
      this.#heap.pop();
    }
  }

  async #advanceNow(ms: number): Promise<void> {
    this.#advancing += 1;
    clearTimeout(this.#timer);
    try {
      const replaced = this.#replaced;
      const target = this.#clock.now() + ms;
      for (;;) {
        await Promise.race([this.settled(), replaced.promise]);
        if (replaced !== this.#replaced) return;
        const next = this.#next();
        if (!this.#started || next === undefined || next.dueAt > target) break;
        this.#clock.moveTo(next.dueAt);
        this.#runDue(BATCH);
        await nextTurn();
      }
      this.#clock.moveTo(target);
    } finally {
      this.#advancing -= 1;
      this.#arm();
    }
  }

  #runDue(limit: number): void {
    const turn = this.#turns();
    for (let done = 0; done < limit; done += 1) {
      const next = this.#next();
      if (next === undefined || next.dueAt > this.#clock.now()) return;
      this.#heap.pop();
      this.#forget(next);
      this.#start(next, turn());
    }
  }

  /** Gives each task of one go its turn. An advance waits for everything anyway, so that there patience has no end. */
  #turns(): () => Promise<void> | undefined {
    if (this.#advancing > 0) return () => this.#told;
    if (!this.#clock.frozen) return () => undefined;
    const patience = sleep(PATIENCE_MS, undefined, { ref: false });
    return () => Promise.race([this.#told, patience]);
  }

  #start(task: Task, turn: Promise<void> | undefined): void {
    try {
      const work = this.#run(task, turn);
      if (work === undefined) return;
      const watched = work
        .catch((error: unknown) => this.#onError(error, task))
        .finally(() => this.#underWay.delete(watched));
      this.#underWay.add(watched);
      this.#told = this.#told.then(() => watched);
    } catch (error) {
      this.#onError(error, task);
    }
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const next = this.#next();
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

function signal(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
