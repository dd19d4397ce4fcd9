import { execFile, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const script = (name: string): string => join(root, name);
const load = (name: string): Promise<Record<string, (...args: unknown[]) => unknown>> =>
  import(pathToFileURL(script(name)).href);
const run = promisify(execFile);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kickoff-scripts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the Node that is needed', () => {
  it.each(['18.20.4', '20.19.5', '22.12.0', '23.1.0'])('is not %s', async (version) => {
    const { wrongNode } = await load('scripts/checkout.mjs');
    expect(wrongNode?.(version)).toBe(
      `Kickoff needs Node 20.20 or a newer 20, or 24 and newer; this is ${version}. See https://nodejs.org/en/download`,
    );
  });

  it.each(['20.20.0', '20.21.3', '24.0.0', '25.2.0'])('may be %s', async (version) => {
    const { wrongNode } = await load('scripts/checkout.mjs');
    expect(wrongNode?.(version)).toBeUndefined();
  });
});

describe('swallowEchoes', () => {
  it('lets one Ctrl-C through where npm and the terminal both deliver it, and other signals beside it', async () => {
    const { swallowEchoes } = await load('scripts/child.mjs');
    const target = new EventEmitter();
    const heard: string[] = [];
    for (const event of ['SIGINT', 'SIGTERM', 'message']) target.on(event, () => heard.push(event));
    swallowEchoes?.(target);
    for (const event of ['SIGINT', 'SIGINT', 'SIGTERM', 'message', 'message']) target.emit(event);
    expect(heard).toEqual(['SIGINT', 'SIGTERM', 'message', 'message']);
  });
});

describe('runChild', () => {
  const program = (body: string) =>
    [
      `import { runChild } from ${JSON.stringify(pathToFileURL(script('scripts/child.mjs')).href)};`,
      `const code = await runChild(process.execPath, ['-e', ${JSON.stringify(body)}]);`,
      'process.exit(code);',
    ].join('\n');

  it('passes the exit code on, and keeps standard output clean', async () => {
    const failed = await run(process.execPath, [
      '--input-type=module',
      '-e',
      program("console.log('words'); process.exit(7)"),
    ]).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 7, stdout: '', stderr: 'words\n' });
  });

  it('passes a signal on once, waits for the child’s own end, and says that it was interrupted', async () => {
    const body = [
      "let count = 0; process.on('SIGINT', () => { count += 1;",
      "setTimeout(() => { console.log('interrupted ' + count); process.exit(0); }, 200); });",
      "setInterval(() => undefined, 1000); console.log('ready');",
    ].join(' ');
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program(body)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const words: string[] = [];
    parent.stderr.setEncoding('utf8').on('data', (text: string) => words.push(text));
    await once(parent.stderr, 'data');
    parent.kill('SIGINT');
    const [code] = await once(parent, 'close');
    expect(code).toBe(130);
    expect(words.join('')).toBe('ready\ninterrupted 1\n');
  });
});

describe('count-tests', () => {
  const count = async (report: object, exitCode: number): Promise<string> => {
    const file = join(folder, 'report.json');
    writeFileSync(file, JSON.stringify(report));
    const { stdout } = await run(process.execPath, [script('.ci/count-tests.mjs'), file, String(exitCode)]);
    return stdout.trim();
  };
  const file = (status: string, ...tests: string[]) => ({
    status,
    assertionResults: tests.map((result) => ({ status: result })),
  });

  it('counts what passed and what failed', async () => {
    const testResults = [file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed')];
    expect(await count({ testResults }, 1)).toBe('3 1');
  });

  it('counts a test that did not run as failed', async () => {
    expect(await count({ testResults: [file('passed', 'passed', 'pending', 'skipped')] }, 0)).toBe('1 2');
  });

  it('counts a file that did not load, and an exit code that nothing explains', async () => {
    expect(await count({ testResults: [file('failed')] }, 1)).toBe('0 1');
    expect(await count({ testResults: [file('passed', 'passed')] }, 1)).toBe('1 1');
  });
});

describe('failures-reporter', () => {
  it('names what failed, what did not run, and what passed only when it was repeated, each with its reason', async () => {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(
      join(folder, 'some.test.js'),
      `import { beforeAll, describe, expect, it } from 'vitest';
      let runs = 0;
      it('passes', () => undefined);
      it('passes the second time', () => expect(++runs).toBe(2));
      it('fails', () => expect('one').toBe('two'));
      it.skip('is skipped', () => undefined);
      describe('after a hook', () => {
        beforeAll(() => { throw new Error('no hook'); });
        it('has no chance', () => undefined);
      });`,
    );
    writeFileSync(join(folder, 'other.test.js'), "import './nowhere.js';");
    const failures = join(folder, 'failures.txt');
    const options = ['--root', folder, '--retry=1', `--reporter=${script('.ci/failures-reporter.mjs')}`];
    const env = { ...process.env, KICKOFF_FAILURES: failures };
    const vitest = script('node_modules/vitest/vitest.mjs');
    await expect(run(process.execPath, [vitest, 'run', ...options], { cwd: folder, env })).rejects.toThrow();
    const told = readFileSync(failures, 'utf8');
    expect(told.match(/^\S.*$/gm)?.sort()).toEqual([
      'did not run: some.test.js | after a hook > has no chance',
      'did not run: some.test.js | is skipped',
      'failed: other.test.js (outside its tests)',
      'failed: some.test.js | after a hook (outside its tests)',
      'failed: some.test.js | fails',
      'flaky: some.test.js | passes the second time',
    ]);
    for (const reason of ["expected 'one' to be 'two'", 'expected 1 to be 2', 'no hook', './nowhere.js']) {
      expect(told).toContain(reason);
    }
  });
});
