import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OwnStepKind } from './own-kind.ts';

/** What Node.js loads as it is, in every version that Kickoff runs on. */
const LOADABLE = ['.mjs', '.js', '.cjs'];

export interface OwnKindFile {
  /** As the configuration names it. */
  named: string;
  /** Absolute. */
  path: string;
}

/** What is wrong with a file, in words. */
export interface OwnKindFault {
  named: string;
  message: string;
}

/** Loads the kinds that a team has written itself; the code of these files runs in this process, with all that it may do. */
export async function loadOwnKinds(
  files: readonly OwnKindFile[],
): Promise<{ kinds: Map<string, OwnStepKind>; faults: OwnKindFault[] }> {
  const kinds = new Map<string, OwnStepKind>();
  const from = new Map<string, string>();
  const faults: OwnKindFault[] = [];
  for (const { named, path } of files) {
    const loaded = await load(path);
    if (typeof loaded === 'string') {
      faults.push({ named, message: loaded });
    } else if (kinds.has(loaded.name)) {
      faults.push({ named, message: `its kind is called ${loaded.name}, and so is that of ${from.get(loaded.name)}` });
    } else {
      kinds.set(loaded.name, loaded);
      from.set(loaded.name, named);
    }
  }
  return { kinds, faults };
}

async function load(path: string): Promise<OwnStepKind | string> {
  if (!LOADABLE.includes(extname(path))) {
    return `a step kind is a file ending in .mjs or .js; compile ${extname(path) || 'it'} first`;
  }
  if (!existsSync(path)) return `there is no file ${path}`;
  let loaded: unknown;
  try {
    loaded = await import(pathToFileURL(path).href);
  } catch (error) {
    return `cannot be loaded: ${error instanceof Error ? error.message : String(error)}`;
  }
  const kind = typeof loaded === 'object' && loaded !== null ? Reflect.get(loaded, 'default') : undefined;
  return isKind(kind) ? kind : whatIsMissing(kind);
}

function isKind(value: unknown): value is OwnStepKind {
  return whatIsMissing(value) === '';
}

function whatIsMissing(value: unknown): string {
  if (typeof value !== 'object' || value === null) return 'has no default export that is a step kind: { name, run }';
  const [name, run, check, undo] = ['name', 'run', 'check', 'undo'].map((part): unknown => Reflect.get(value, part));
  if (typeof name !== 'string' || !/^\S(?:.{0,98}\S)?$/.test(name))
    return 'its `name` must be a text of 1 to 100 characters';
  if (typeof run !== 'function') return 'its `run` must be a function';
  if (check !== undefined && typeof check !== 'function') return 'its `check` must be a function, or left out';
  if (undo !== undefined && typeof undo !== 'function') return 'its `undo` must be a function, or left out';
  return '';
}
