import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of small shell scripts that stand in for `temporal` and `go`, and nothing else on PATH. */
export class FakePrograms {
  readonly folder = mkdtempSync(join(tmpdir(), 'kickoff-fake-'));
  readonly bin = join(this.folder, 'bin');
  readonly cacheDir = join(this.folder, 'cache');
  /** The proxy that nobody listens at closes the network. */
  readonly env: Record<string, string> = { PATH: this.bin, HTTPS_PROXY: 'http://127.0.0.1:9', HOME: this.folder };

  constructor() {
    mkdirSync(this.bin);
  }

  put(path: string, script: string): string {
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  onPath(name: string, script: string): string {
    return this.put(join(this.bin, name), script);
  }

  cached(script: string): string {
    mkdirSync(join(this.cacheDir, 'temporal-server'), { recursive: true });
    return this.put(this.cachedPath, script);
  }

  get cachedPath(): string {
    return join(this.cacheDir, 'temporal-server', `${process.platform}-${process.arch}-temporal`);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const WORKING_TEMPORAL = 'echo "temporal version 9.9.9 (Server 9.9.9, UI 9.9.9)"';

/** What a fake `go install` does: leaves a working `temporal` in GOBIN. */
export const WORKING_GO = [
  'echo github.com/temporalio/cli/cmd/temporal',
  `printf '#!/bin/sh\\n${WORKING_TEMPORAL}\\n' > "$GOBIN/temporal"`,
  '/bin/chmod 755 "$GOBIN/temporal"',
].join('\n');
