import { z } from 'zod';
import type { JournalEntry } from '../events.ts';
import { journalEntrySchema } from '../events.ts';

/** The journal keeps so many entries, or so many bytes of them, and drops the oldest. */
const MOST_ENTRIES = 20_000;
const MOST_BYTES = 16 * 2 ** 20;
/** The body of a call whose entry is longer than this is not kept. */
const MOST_ENTRY_BYTES = 16 * 1024;
const BLOCK_BYTES = 64 * 1024;

interface Block {
  bytes: Buffer;
  used: number;
  entries: { seq: number; type: string; end: number }[];
}

/** What an outsider asks the journal for. */
export interface JournalQuery {
  /** Entries after this number. */
  after: number;
  type?: string | undefined;
  limit: number;
}

/** Everything that has happened, as JSON in blocks of bytes: tens of thousands of entries as objects would be half of the memory. */
export class Journal {
  #blocks: Block[] = [];
  #size = 0;
  #bytes = 0;
  #last = 0;

  static of(entries: readonly JournalEntry[]): Journal {
    const journal = new Journal();
    for (const entry of entries) journal.add(entry);
    return journal;
  }

  get size(): number {
    return this.#size;
  }

  /** The number of the last entry; 0 when there is none. */
  get last(): number {
    return this.#last;
  }

  add(entry: JournalEntry): void {
    const text = this.#bounded(entry);
    const length = Buffer.byteLength(text);
    const block = this.#blockFor(length);
    block.bytes.write(text, block.used);
    block.used += length;
    block.entries.push({ seq: entry.seq, type: entry.type, end: block.used });
    this.#size += 1;
    this.#bytes += length;
    this.#last = entry.seq;
    this.#dropOldest();
  }

  /** The entries asked for, each as JSON, the oldest first. */
  texts({ after, type, limit }: JournalQuery): string[] {
    const texts: string[] = [];
    for (const text of this.between(after, this.#last, type)) {
      if (texts.length >= limit) break;
      texts.push(text);
    }
    return texts;
  }

  /** The entries after one number up to another, each as JSON. What is added meanwhile, or dropped, does no harm. */
  *between(after: number, to: number, type?: string): Generator<string> {
    for (const { bytes, entries } of [...this.#blocks]) {
      if ((entries.at(-1)?.seq ?? 0) <= after) continue;
      let start = 0;
      for (const entry of entries) {
        if (entry.seq > to) return;
        if (entry.seq > after && (type === undefined || entry.type === type)) {
          yield bytes.toString('utf8', start, entry.end);
        }
        start = entry.end;
      }
    }
  }

  toJSON(): unknown[] {
    return [...this.between(0, this.#last)].map((text): unknown => JSON.parse(text));
  }

  #bounded(entry: JournalEntry): string {
    const text = JSON.stringify(entry);
    if (text.length <= MOST_ENTRY_BYTES || entry.type !== 'api') return text;
    return JSON.stringify({ ...entry, body: `(${text.length} characters: too long to be kept)` });
  }

  #blockFor(length: number): Block {
    const current = this.#blocks.at(-1);
    if (current !== undefined && current.used + length <= current.bytes.length) return current;
    const block = { bytes: Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, length)), used: 0, entries: [] };
    this.#blocks.push(block);
    return block;
  }

  /** Whole blocks at a time: the journal is at least as long as its limit says, and a block longer at most. */
  #dropOldest(): void {
    for (;;) {
      const [oldest] = this.#blocks;
      if (oldest === undefined || this.#blocks.length === 1) return;
      const tooMany = this.#size - oldest.entries.length >= MOST_ENTRIES;
      if (!tooMany && this.#bytes <= MOST_BYTES) return;
      this.#blocks.shift();
      this.#size -= oldest.entries.length;
      this.#bytes -= oldest.used;
    }
  }
}

export const journalSchema = z.array(journalEntrySchema).transform((entries) => Journal.of(entries));
