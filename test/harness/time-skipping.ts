import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { loadConfig } from '../../config/index.ts';
import { withLock } from '../../temporal/build-lock.ts';
import { reasonOf } from '../../temporal/errors.ts';
import { whyUnreachable } from '../../temporal/sdk-download.ts';
import { findOnPath, isExecutable } from '../../temporal/server-binary.ts';
import { PARTS_ARE_REQUIRED } from './real-parts.ts';

/** The same server that the SDK downloads, from Maven Central: io.temporal:temporal-test-server. */
const VERSION = '1.38.0';
const MAVEN_MS = 10 * 60_000;
const run = promisify(execFile);

type Executable = { type: 'existing-path'; path: string } | { type: 'cached-download'; downloadDir: string };

/**
 * Runs tests on Temporal's time-skipping server, on which a wait of days takes a second. Search attributes are
 * registered there as elsewhere; it has no schedules. Where it cannot be had, the tests are skipped with the reason, or
 * fail in `.ci/run`.
 */
export function describeTimeSkipping(name: string, tests: (environment: () => TestWorkflowEnvironment) => void): void {
  if ('missing' in found && !PARTS_ARE_REQUIRED) {
    describe.skip(`${name} (skipped: ${found.missing})`, () => tests(notStarted));
    return;
  }
  describe(name, () => {
    if ('missing' in found) {
      it('has its server', () => {
        throw new Error(found.missing);
      });
      return;
    }
    let environment: TestWorkflowEnvironment | undefined;
    beforeAll(async () => {
      environment = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable: found } });
    });
    afterAll(async () => {
      await environment?.teardown();
    });
    tests(() => environment ?? notStarted());
  });
}

/** In order: kept in the cache, the SDK's own download, Maven. */
async function findTimeSkippingServer(): Promise<Executable | { missing: string }> {
  const { cacheDir } = loadConfig({ env: process.env, cwd: process.cwd() });
  const script = join(cacheDir, `temporal-test-server-${VERSION}`, 'temporal-test-server');
  if (await isExecutable(script)) return { type: 'existing-path', path: script };
  const downloadDir = join(cacheDir, 'temporal-test-server-download');
  const closed = await whyUnreachable('https://temporal.download/', { env: process.env, signal: undefined });
  if (closed === undefined && process.arch === 'x64') {
    await mkdir(downloadDir, { recursive: true });
    return { type: 'cached-download', downloadDir };
  }
  return withLock(join(cacheDir, `temporal-test-server-${VERSION}.lock`), async () => {
    if (await isExecutable(script)) return { type: 'existing-path' as const, path: script };
    const reason = await copyFromMaven(dirname(script));
    if (reason === undefined) return { type: 'existing-path' as const, path: script };
    return { missing: `no time-skipping server: download: ${closed ?? 'none for this platform'}; Maven: ${reason}` };
  });
}

/** @returns why it could not, if so */
async function copyFromMaven(folder: string): Promise<string | undefined> {
  const [mvn, java] = await Promise.all(['mvn', 'java'].map((program) => findOnPath(program, process.env)));
  if (mvn === undefined || java === undefined) return 'there is no mvn or no java on PATH';
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(`${folder}-`);
  try {
    await writeFile(join(temporary, 'pom.xml'), POM);
    await run(
      mvn,
      ['-q', '-B', '-f', join(temporary, 'pom.xml'), 'dependency:copy-dependencies', '-DoutputDirectory=jars'],
      { cwd: temporary, timeout: MAVEN_MS },
    );
    const script = join(temporary, 'temporal-test-server');
    await writeFile(
      script,
      '#!/bin/sh\nexec java -cp "$(dirname "$0")/jars/*" io.temporal.testserver.TestServer "$@"\n',
    );
    await chmod(script, 0o755);
    await rename(temporary, folder);
    return undefined;
  } catch (error) {
    return reasonOf(error).slice(0, 500);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>kickoff</groupId>
  <artifactId>time-skipping-server</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>${VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

function notStarted(): never {
  throw new Error('the time-skipping server is there only while tests run');
}

const found = await findTimeSkippingServer();
