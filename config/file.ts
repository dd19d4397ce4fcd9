import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { ConfigError, type Fault } from './errors.ts';

/** Looked for in the working directory, in this order, when no file is named. */
const DEFAULT_NAMES = ['kickoff.config.yaml', 'kickoff.config.yml'];
/** A configuration is a page of text; anything larger is a mistake. */
const MAX_BYTES = 1_048_576;

export interface ConfigFile {
  /** As the user would name it; undefined when there is none. */
  name: string | undefined;
  content: unknown;
  /** Faults of the YAML itself; the content is then not to be used. */
  faults: Fault[];
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

/**
 * Reads the configuration file. No file at all is fine; a file that was named and is not there is not.
 *
 * @param named path given by flag or variable, relative to `cwd`
 * @throws ConfigError `file_missing`, `file_unreadable`
 */
export function readConfigFile(cwd: string, named: string | undefined): ConfigFile {
  for (const name of named === undefined ? DEFAULT_NAMES : [named]) {
    const text = readText(resolve(cwd, name), name, named !== undefined);
    if (text !== undefined) return parse(name, text);
  }
  return { name: undefined, content: {}, faults: [], lineOf: () => undefined };
}

function readText(path: string, name: string, mustExist: boolean): string | undefined {
  try {
    const bytes = readFileSync(path);
    if (bytes.byteLength > MAX_BYTES) {
      throw new ConfigError('file_unreadable', [{ path: name, message: `is larger than ${MAX_BYTES} bytes` }]);
    }
    return bytes.toString('utf8');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (code === 'ENOENT' && !mustExist) return undefined;
    const [errorCode, message] =
      code === 'ENOENT'
        ? (['file_missing', 'there is no such file'] as const)
        : (['file_unreadable', `cannot be read (${code})`] as const);
    throw new ConfigError(errorCode, [{ path: name, message }], { cause: error });
  }
}

function parse(name: string, text: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults = document.errors.map((error) => ({
    path: name,
    message: `is not YAML: ${error.message}`,
    line: lines.linePos(error.pos[0]).line,
  }));
  const content: unknown = faults.length > 0 ? {} : (document.toJS({ maxAliasCount: 100 }) ?? {});
  const lineOf = (path: readonly PropertyKey[]): number | undefined => {
    for (let length = path.length; length > 0; length -= 1) {
      const node: unknown = document.getIn(path.slice(0, length), true);
      const start = rangeStart(node);
      if (start !== undefined) return lines.linePos(start).line;
    }
    return undefined;
  };
  return { name, content, faults, lineOf };
}

function rangeStart(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined;
  const start: unknown = node.range[0];
  return typeof start === 'number' ? start : undefined;
}
