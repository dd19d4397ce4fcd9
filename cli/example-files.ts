import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The path of a file of the worked example, from the sources and from the compiled program alike. */
export function exampleFile(name: string): string {
  for (const root of ['../examples/acme/', '../../examples/acme/']) {
    const path = fileURLToPath(new URL(root + name, import.meta.url));
    if (existsSync(path)) return path;
  }
  throw new Error(`the example file ${name} is not in this installation`);
}
