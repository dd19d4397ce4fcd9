import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { ControlError } from './errors.ts';
import { describeIssues } from './http/read.ts';
import type { Sandboxed } from './sandboxed.ts';
import type { State } from './state/schema.ts';
import { STATE_VERSION, stateSchema } from './state/schema.ts';

/** One namespace keeps so many named snapshots at most. */
const MOST_KEPT = 100;
/** So many faults of a snapshot are told; the first says what is wrong. */
const FAULTS_TOLD = 5;

/** A whole namespace at one instant: what `GET /_sandbox/snapshot` answers, keys and signing secrets included. */
export const snapshotSchema = z.strictObject({
  kickoffSandbox: z.literal(STATE_VERSION, `This is no snapshot of a sandbox of version ${STATE_VERSION}`),
  /** The namespace that it was taken of; it may be restored into another. */
  namespace: z.string(),
  state: stateSchema.refine(({ keys, mainKeyId }) => keys.has(mainKeyId), {
    message: 'The main key is not among the keys',
    path: ['mainKeyId'],
  }),
});

/** A named snapshot, as the list tells it. */
export interface KeptSnapshot {
  name: string;
  /** The sandbox's own time at which it was taken, ISO 8601. */
  at: string;
  meetingRequests: number;
  /** What it takes in memory. */
  bytes: number;
}

/**
 * A namespace as JSON, in pieces: of 10,000 meeting requests it has some 60 MB. A clock that runs is written as what it
 * shows now, so that it goes on from there whenever it is restored.
 */
export function snapshotText({ name, workspace }: Sandboxed): string[] {
  const { clock, ...state } = workspace.snapshot();
  // The wall's instant is the restore's: the same moment gives the same snapshot whenever it is taken.
  const now = { ...clock, realAt: 0, virtualAt: workspace.now() };
  const fields = Object.entries({ clock: now, ...state }).map(
    ([field, value], nth) => `${nth === 0 ? '' : ','}${JSON.stringify(field)}:${JSON.stringify(value)}`,
  );
  const head = `{"kickoffSandbox":${STATE_VERSION},"namespace":${JSON.stringify(name)},"state":{`;
  return [head, ...fields, '}}'];
}

/** @throws ControlError 400 for what is no snapshot, naming what is wrong with it */
export function readSnapshot(given: unknown): State {
  const parsed = snapshotSchema.safeParse(given);
  if (parsed.success) return parsed.data.state;
  const { issues } = parsed.error;
  const told = describeIssues(new z.ZodError(issues.slice(0, FAULTS_TOLD)));
  const more = issues.length > FAULTS_TOLD ? ` (and ${issues.length - FAULTS_TOLD} faults more)` : '';
  throw new ControlError(400, `The snapshot cannot be restored. ${told}${more}`);
}

/** The named snapshots of one namespace. They are kept in memory, packed, and end with the process. */
export class Snapshots {
  readonly #kept = new Map<string, { told: KeptSnapshot; packed: Buffer }>();

  /** Keeps the namespace as it is now; a snapshot of the same name is replaced. @throws ControlError 409 for too many */
  keep(name: string, sandboxed: Sandboxed): KeptSnapshot {
    if (!this.#kept.has(name) && this.#kept.size >= MOST_KEPT) {
      throw new ControlError(409, `${MOST_KEPT} snapshots are kept at most; delete one first.`);
    }
    const packed = deflateRawSync(Buffer.concat(snapshotText(sandboxed).map((text) => Buffer.from(text))), {
      level: 1,
    });
    const { workspace } = sandboxed;
    const told = {
      name,
      at: workspace.isoNow(),
      meetingRequests: workspace.state.requests.size,
      bytes: packed.length,
    };
    this.#kept.delete(name);
    this.#kept.set(name, { told, packed });
    return told;
  }

  /** The state that was kept, a new copy each time. @throws ControlError 404 */
  read(name: string): State {
    const found = this.#kept.get(name);
    if (found === undefined) throw unknown(name);
    return readSnapshot(JSON.parse(inflateRawSync(found.packed).toString('utf8')));
  }

  /** The oldest first. */
  list(): KeptSnapshot[] {
    return [...this.#kept.values()].map(({ told }) => told);
  }

  /** @throws ControlError 404 */
  delete(name: string): void {
    if (!this.#kept.delete(name)) throw unknown(name);
  }
}

function unknown(name: string): ControlError {
  return new ControlError(404, `There is no snapshot ${name}.`);
}
