import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { loadConfig } from '../../config/index.ts';
import { PARTS_ARE_REQUIRED } from './real-parts.ts';

const run = promisify(execFile);

/** Pinned: other versions generate other requests and check other things. */
const VERSION = '4.32.5';
const PACKAGES = [`schemathesis==${VERSION}`, 'hypothesis==6.170.15', 'jsonschema-rs==0.60.3'];
/** Its own launcher names the folder it was installed in, and the folder is moved afterwards. */
const LAUNCH = ['-c', 'from schemathesis.cli import schemathesis; schemathesis(prog_name="st")'];
const INSTALL_LIMIT_MS = 300_000;

const reportSchema = z.object({
  running_time: z.number(),
  operations: z.object({ total: z.number(), tested: z.number() }),
  phases: z.record(z.string(), z.object({ status: z.string() })),
  test_cases: z.object({ generated: z.number(), with_failures: z.number() }),
  errors: z.array(z.unknown()),
  valid_rates: z.record(z.string(), z.record(z.string(), z.object({ accepted: z.number(), rejected: z.number() }))),
});

/** What came of one run. */
export interface ContractRun {
  exitCode: number;
  /** What it said, without the passages about what went well. */
  findings: string;
  report: z.infer<typeof reportSchema>;
}

/** Schemathesis, which makes requests of an OpenAPI document and checks the answers by it. */
export interface Schemathesis {
  /**
   * @param config its settings, as its configuration file has them
   * @param options further options of `st run`
   */
  run(documentUrl: string, config: string, options: readonly string[]): Promise<ContractRun>;
}

/**
 * Finds Schemathesis in the user's cache folder, or installs it there into a Python environment of its own.
 *
 * @returns why there is none, where there is no Python or no package index to be reached
 * @throws Error in the place of that answer when every part is required
 */
export async function findSchemathesis(): Promise<Schemathesis | { missing: string }> {
  try {
    const python = await installed();
    return { run: (documentUrl, config, options) => runWith(python, documentUrl, config, options) };
  } catch (cause) {
    const said = cause instanceof Error ? cause.message.trim().split('\n').slice(-3).join(' ') : String(cause);
    const missing = `Schemathesis ${VERSION} could not be installed (python3, its venv module and PyPI are needed): ${said}`;
    if (PARTS_ARE_REQUIRED) throw new Error(missing, { cause });
    return { missing };
  }
}

/** The Python that has it. */
async function installed(): Promise<string> {
  const { cacheDir } = loadConfig({ env: process.env, cwd: tmpdir() });
  const home = join(cacheDir, `schemathesis-${VERSION}`);
  const python = join(home, 'bin', 'python');
  if (await isThere(python)) return python;

  console.error(`Installing Schemathesis ${VERSION} into ${home}`);
  await mkdir(cacheDir, { recursive: true });
  // Beside its place and moved there when it is whole: another run may be doing the same.
  const making = await mkdtemp(`${home}-`);
  try {
    await run('python3', ['-m', 'venv', making], { timeout: INSTALL_LIMIT_MS });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES];
    await run(join(making, 'bin', 'python'), pip, { timeout: INSTALL_LIMIT_MS });
    await rename(making, home).catch(async () => {
      if (await isThere(python)) return;
      // What lies there was made with a Python that is gone.
      await rm(home, { recursive: true, force: true });
      await rename(making, home);
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return python;
}

async function isThere(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}

async function runWith(python: string, documentUrl: string, config: string, options: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'kickoff-contract-'));
  const file = (name: string) => join(folder, name);
  try {
    await writeFile(file('schemathesis.toml'), config);
    const args = [
      '--config-file',
      file('schemathesis.toml'),
      'run',
      documentUrl,
      '--no-color',
      '--continue-on-failure',
    ];
    const report = ['--report', 'json', '--report-json-path', file('report.json')];
    const { exitCode, output } = await ended(python, [...LAUNCH, ...args, ...report, ...options], folder);
    const written = await readFile(file('report.json'), 'utf8').catch(() => undefined);
    if (written === undefined) throw new Error(`Schemathesis wrote no report:\n${output.slice(-4000)}`);
    return { exitCode, findings: findingsIn(output), report: reportSchema.parse(JSON.parse(written)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function ended(python: string, args: readonly string[], cwd: string) {
  const env = { ...process.env, PYTHONUTF8: '1', PATH: `${dirname(python)}:${process.env.PATH ?? ''}` };
  return await new Promise<{ exitCode: number; output: string }>((resolve, reject) => {
    const limits = { cwd, env, timeout: 240_000, maxBuffer: 64 * 1024 * 1024 };
    execFile(python, args, limits, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : error.code;
      if (typeof exitCode === 'number') resolve({ exitCode, output: `${stdout}${stderr}` });
      else reject(error);
    });
  });
}

/** From the first fault on; generated requests can be very long. */
function findingsIn(output: string): string {
  const from = output.search(/^=+ (?:ERRORS|FAILURES) =+$/m);
  const said = from === -1 ? '' : output.slice(from);
  return said.replaceAll(/^(.{300}).+$/gm, '$1…').slice(0, 12_000);
}
