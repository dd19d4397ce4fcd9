import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SandboxError } from '../errors.ts';
import type { State } from './schema.ts';
import { stateSchema } from './schema.ts';

/** How long changes are gathered before they are written, in ms. */
const QUIET_MS = 200;
/** A large state is written less often, so that writing takes at most a tenth of the time. */
const REST_FACTOR = 10;

/** The state as text: maps become lists. */
export function stateToJson(state: State): string {
  return JSON.stringify(state, (_key, value: unknown) => (value instanceof Map ? [...value.values()] : value));
}

/**
 * Reads a state file.
 *
 * @returns `undefined` when there is none yet
 * @throws SandboxError `state_unreadable` when there is one that cannot be used
 */
export async function readState(path: string): Promise<State | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw unreadable(path, cause);
  }
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): SandboxError {
  const message = `The sandbox cannot read its state file ${path}. Delete or move it to start with a fresh sandbox.`;
  return new SandboxError('state_unreadable', message, { cause });
}

/** Writes the state beside the file and renames it into place: a reader, or a crash, never sees half of it. */
async function writeAtomically(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    // 0600: the file holds keys and signing secrets.
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(text);
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

/** Keeps a file up to date with the state: a short while after a change, and once more at the end. */
export class StateFile {
  readonly #path: string;
  readonly #snapshot: () => State;
  readonly #onError: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #restMs = QUIET_MS;
  #closed = false;

  constructor(path: string, snapshot: () => State, onError: (error: unknown) => void) {
    this.#path = path;
    this.#snapshot = snapshot;
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
      await writeAtomically(this.#path, stateToJson(this.#snapshot()));
      this.#restMs = Math.max(QUIET_MS, REST_FACTOR * (performance.now() - startedAt));
    });
    // A write that fails is told about once; the next one starts afresh.
    this.#writing = next.catch(() => undefined);
    return next;
  }
}
