import type { LiveEvent } from './live-event.ts';

/** When what happened first. */
export class Timeline {
  readonly #at = new Map<string, number>();
  readonly #waiting: { name: string; resolve: () => void }[] = [];

  mark(name: string): void {
    if (this.#at.has(name)) return;
    this.#at.set(name, performance.now());
    for (const waiting of this.#waiting) if (waiting.name === name) waiting.resolve();
  }

  /** An event by its type, a webhook by its event's, a step as `step:<list>` and `step:<list>:<id>`. */
  note({ room, event }: LiveEvent): void {
    if (room === 'activities') {
      this.mark(event.type === 'step' ? `step:${event.list}` : event.type);
      if (event.type === 'step') this.mark(`step:${event.list}:${event.id}`);
    }
    if (room === 'triggers') this.mark(event.type === 'webhook_received' ? event.eventType : event.type);
  }

  /** Settles when it has happened. */
  reached(name: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.#at.has(name)) resolve();
      else this.#waiting.push({ name, resolve });
    });
  }

  /** Milliseconds from one to the other; undefined when either is missing. */
  between(from: string, to: string): number | undefined {
    const [start, end] = [this.#at.get(from), this.#at.get(to)];
    return start === undefined || end === undefined ? undefined : Math.round(end - start);
  }
}
