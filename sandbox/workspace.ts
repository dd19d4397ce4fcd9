import type { Logger } from 'pino';
import type { JournalEntry, SandboxEvent } from './events.ts';
import { Faults } from './faults.ts';
import { idFrom } from './seed.ts';
import type { State } from './state/schema.ts';
import { countIn } from './state/schema.ts';
import type { RunTask } from './time/agenda.ts';
import { Agenda } from './time/agenda.ts';
import { VirtualClock } from './time/clock.ts';
import { iso } from './time/instant.ts';

export interface WorkspaceParts {
  logger: Logger;
  onEvent: ((event: SandboxEvent) => void) | undefined;
  /** The wall clock, in ms. */
  real: () => number;
  /** Called after every change. */
  onChange: () => void;
}

/** What everything in the sandbox shares: the state, its clock and agenda, and the one way to say that something happened. */
export class Workspace {
  state: State;
  readonly log: Logger;
  readonly clock: VirtualClock;
  readonly agenda: Agenda;
  readonly faults: Faults;
  readonly #parts: WorkspaceParts;
  #runTask: RunTask = () => undefined;

  constructor(state: State, parts: WorkspaceParts) {
    this.state = state;
    this.log = parts.logger;
    this.#parts = parts;
    this.clock = new VirtualClock(state.clock, parts.real);
    this.faults = new Faults(state.faults, () => this.state.seed);
    this.agenda = new Agenda(
      this.clock,
      (task, turn) => {
        const work = this.#runTask(task, turn);
        this.changed();
        return work;
      },
      (err, task) => this.log.error({ err, task }, 'a task of the sandbox failed'),
    );
    this.agenda.restore(state.tasks);
  }

  /** Says what tasks do. To be called once, before the agenda starts. */
  runTasksWith(run: RunTask): void {
    this.#runTask = run;
  }

  /** The sandbox's own time, in ms. */
  now(): number {
    return this.clock.now();
  }

  /** The wall clock, in ms: what is signed carries it, because HTTP is real. */
  real(): number {
    return this.#parts.real();
  }

  /** The next number of a kind. Each kind counts for itself, so that a poll more or less changes no id. */
  count(kind: string): number {
    return countIn(this.state, kind);
  }

  /** A new id with its place in the order of its kind. */
  next(prefix: string): { id: string; seq: number } {
    const seq = this.count(prefix);
    return { id: idFrom(prefix, this.state.seed, seq), seq };
  }

  changed(): void {
    this.#parts.onChange();
  }

  /** Writes an event into the journal and tells whoever listens. `at` defaults to now. */
  emit(event: SandboxEvent): void {
    const entry: JournalEntry = { seq: this.count('journal'), ...event };
    this.state.journal.add(entry);
    this.changed();
    try {
      this.#parts.onEvent?.(event);
    } catch (err) {
      this.log.error({ err, event: event.type }, 'the listener to sandbox events threw');
    }
  }

  /** Now, as SkipUp writes it. */
  isoNow(): string {
    return iso(this.now());
  }

  /** Lets go of idempotent answers that have had their time. */
  forgetExpired(): void {
    const { idempotency } = this.state;
    const now = this.now();
    // The oldest stand first and live equally long: nothing behind the first live one is dead.
    for (const [slot, { expiresAt }] of idempotency) {
      if (expiresAt > now) break;
      idempotency.delete(slot);
    }
  }

  /** The whole state as it is at this moment. */
  snapshot(): State {
    return {
      ...this.state,
      clock: this.clock.state,
      tasks: this.agenda.waiting(),
      faults: [...this.faults.list()],
    };
  }

  /** Goes on from another state. Deliveries under way notice that theirs is gone. */
  replace(state: State): void {
    this.state = state;
    this.clock.restore(state.clock);
    this.faults.restore(state.faults);
    this.agenda.restore(state.tasks);
    this.changed();
  }
}
