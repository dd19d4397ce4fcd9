import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SandboxError } from '../errors.ts';
import type { StoredNamespace, WritableNamespace } from './lines.ts';
import { LineReader, linesOf } from './lines.ts';

/** Written at a time: about a millisecond's work. */
const PIECE_BYTES = 128 * 1024;
/** How long changes are gathered before they are written, in ms. */
const QUIET_MS = 200;
/** A large state is written less often, so that writing takes at most a tenth of the time. */
const REST_FACTOR = 10;

/**
 * Reads a state file.
 *
 * @returns `undefined` when there is none yet
 * @throws SandboxError `state_unreadable` when there is one that cannot be used
 */
export async function readState(path: string): Promise<StoredNamespace[] | undefined> {
  try {
    const file = await open(path);
    try {
      const reader = new LineReader();
      for await (const line of file.readLines({ encoding: 'utf8' })) reader.take(line);
      return reader.finish();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): SandboxError {
  const message = `The sandbox cannot read its state file ${path}. Delete or move it to start with a fresh sandbox.`;
  return new SandboxError('state_unreadable', message, { cause });
}

/**
 * Writes the lines beside the file and renames it into place: a reader, or a crash, never sees half of it. Calls are
 * answered between any two pieces.
 */
async function writeAtomically(path: string, lines: Iterable<string>): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    // 0600: the file holds keys and signing secrets.
    const file = await open(draft, 'w', 0o600);
    try {
      for (const piece of piecesOf(lines)) await file.appendFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** The lines in pieces of some size. Every piece is the same buffer: it has to be written before the next is asked for. */
function* piecesOf(lines: Iterable<string>): Generator<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  let used = 0;
  for (const line of lines) {
    // A character takes three bytes at most.
    if (used + line.length * 3 > PIECE_BYTES) {
      yield buffer.subarray(0, used);
      used = 0;
    }
    if (line.length * 3 > PIECE_BYTES) yield Buffer.from(line);
    else used += buffer.write(line, used);
  }
  yield buffer.subarray(0, used);
}

/** Keeps a file up to date with the state: a short while after a change, and once more at the end. */
export class StateFile {
  readonly #path: string;
  readonly #namespaces: () => Iterable<WritableNamespace>;
  readonly #onError: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #restMs = QUIET_MS;
  #closed = false;

  constructor(path: string, namespaces: () => Iterable<WritableNamespace>, onError: (error: unknown) => void) {
    this.#path = path;
    this.#namespaces = namespaces;
    this.#onError = onError;
  }

  /** To be called after every change. */
  changed(): void {
    if (this.#closed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#write().catch(this.#onError);
    }, this.#restMs);
  }

  /** Writes for the last time. Rejects when that fails. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#write();
  }

  #write(): Promise<void> {
    const next = this.#writing.then(async () => {
      const startedAt = performance.now();
      await writeAtomically(this.#path, linesOf(this.#namespaces()));
      this.#restMs = Math.max(QUIET_MS, REST_FACTOR * (performance.now() - startedAt));
    });
    // A write that fails is told about once; the next one starts afresh.
    this.#writing = next.catch(() => undefined);
    return next;
  }
}
