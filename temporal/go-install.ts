import { chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from './errors.ts';
import { runProgram } from './run-program.ts';
import { BINARY_NAME, checkBinary, findOnPath } from './server-binary.ts';
import type { WayContext, WayResult } from './ways.ts';

/** The last version that `go install` takes: later ones carry a `replace` in their go.mod. Server 1.29.1. */
const MODULE = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';
/** Packages that `go install -v` names when nothing is cached; for the progress only. */
const PACKAGES = 1298;
/** Five minutes on two cores when nothing is cached. */
const BUILD_MS = 30 * 60_000;

/** Builds the Temporal CLI with a Go toolchain. */
export async function goInstall(context: WayContext): Promise<WayResult> {
  const go = await findOnPath(process.platform === 'win32' ? 'go.exe' : 'go', context.env);
  if (go === undefined) return { reason: 'there is no Go toolchain on PATH' };
  const folder = await mkdtemp(join(context.folder, 'go-'));
  try {
    context.progress('building the Temporal server with Go; about 5 minutes the first time');
    let done = 0;
    const result = await runProgram(go, ['install', '-v', '-ldflags', '-s -w', MODULE], {
      env: { ...context.env, GOBIN: folder, GOFLAGS: '', GOTOOLCHAIN: context.env.GOTOOLCHAIN ?? 'auto' },
      cwd: folder,
      timeoutMs: BUILD_MS,
      signal: context.signal,
      onLine: (line) => {
        if (line.startsWith('go: downloading ')) {
          context.progress(`building the Temporal server with Go: fetching ${line.slice(16)}`);
        } else if (/^[\w.-]+(\/[\w.@~-]+)*$/.test(line)) {
          done += 1;
          context.progress('building the Temporal server with Go', { done, total: Math.max(PACKAGES, done) });
        }
      },
    });
    if (result.late) return { reason: `go install did not end within ${BUILD_MS / 60_000} minutes` };
    if (result.code !== 0) return { reason: `go install failed: ${reasonOf(result.lines.at(-1) ?? 'no message')}` };
    const built = join(folder, BINARY_NAME);
    const checked = await checkBinary(built, context.env, context.signal);
    if ('reason' in checked) return checked;
    await chmod(built, 0o755);
    await rename(built, context.target);
    return { path: context.target, version: checked.version };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
