import type { Readable } from 'node:stream';

/** Keeps the last lines that a program wrote, for the message about its end. */
export class Tail {
  readonly #limit: number;
  readonly #lines: string[] = [];
  #open = '';

  constructor(limit = 20) {
    this.#limit = limit;
  }

  /** Reads a stream to its end, line by line. */
  follow(stream: Readable, onLine?: (line: string) => void): void {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      const parts = (this.#open + chunk).split(/\r?\n/);
      this.#open = parts.pop() ?? '';
      for (const line of parts) this.#take(line, onLine);
    });
    stream.on('end', () => {
      this.#take(this.#open, onLine);
      this.#open = '';
    });
  }

  /** The last lines, oldest first. */
  lines(): string[] {
    return [...this.#lines];
  }

  #take(line: string, onLine: ((line: string) => void) | undefined): void {
    if (line.trim() === '') return;
    this.#lines.push(line);
    if (this.#lines.length > this.#limit) this.#lines.shift();
    onLine?.(line);
  }
}
