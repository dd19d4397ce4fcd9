import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A room as JavaScript, for programs that tests run in processes of their own. */
export interface Compiled {
  /** Of the compiled entry, for `import`. */
  url: string;
  remove(): Promise<void>;
}

/**
 * A source file with all it imports, as JavaScript: of the build, where that is of these sources; else it is compiled into
 * a folder inside the project, where its packages are found.
 *
 * @param entry from the project's top, e.g. `database/index.ts`
 */
export async function compile(entry: string): Promise<Compiled> {
  const { isBuilt } = await import(pathToFileURL(join(ROOT, 'scripts', 'checkout.mjs')).href);
  const built = join(ROOT, 'dist', entry.replace(/\.ts$/, '.js'));
  if (isBuilt() === true && existsSync(built)) return { url: pathToFileURL(built).href, remove: async () => undefined };
  const folder = join(ROOT, '.kickoff', `compiled-${randomUUID()}`);
  const project = join(folder, 'tsconfig.json');
  await mkdir(folder, { recursive: true });
  await writeFile(
    project,
    JSON.stringify({
      extends: join(ROOT, 'tsconfig.build.json'),
      compilerOptions: { rootDir: ROOT, outDir: folder, incremental: false, declaration: false, sourceMap: false },
      files: [join(ROOT, entry)],
      include: [],
    }),
  );
  await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', project], { cwd: ROOT });
  return {
    url: pathToFileURL(join(folder, entry.replace(/\.ts$/, '.js'))).href,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
