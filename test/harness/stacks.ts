import { afterAll, beforeAll, describe } from 'vitest';
import { sharedOrOwnPostgres } from './postgres.ts';
import { realParts } from './real-parts.ts';
import { startTestStack, type TestStack, type TestStackOptions } from './stack.ts';

type Options = Pick<TestStackOptions, 'configFile' | 'scale' | 'temporalUiUrl'>;

/** Runs the same tests against the whole stack on PGlite and on PostgreSQL. What is missing is skipped with its reason. */
export function describeStacks(name: string, tests: (stack: () => TestStack) => void, options: Options = {}): void {
  describeStack(`${name} (PGlite)`, tests, options);
  const { missing } = realParts();
  if (missing.postgres === undefined) {
    describeStack(`${name} (PostgreSQL)`, tests, options, async () => {
      const cluster = await sharedOrOwnPostgres();
      return { url: await cluster.newDatabase(), end: () => cluster.stop() };
    });
  } else {
    describe.skip(`${name} (PostgreSQL; skipped: ${missing.postgres})`, () => tests(notStarted));
  }
}

/** Runs tests against the whole stack: Temporal, database, sandbox, receivers, relay, worker. */
export function describeStack(
  name: string,
  tests: (stack: () => TestStack) => void,
  options: Options = {},
  openDatabase?: () => Promise<{ url: string; end: () => Promise<void> }>,
): void {
  const { temporalAddress, missing } = realParts();
  if (temporalAddress === undefined) {
    describe.skip(`${name} (skipped: ${missing.temporal ?? 'no Temporal server'})`, () => tests(notStarted));
    return;
  }
  describe(name, () => {
    let stack: TestStack | undefined;
    let database: { url: string; end: () => Promise<void> } | undefined;
    beforeAll(async () => {
      database = await openDatabase?.();
      stack = await startTestStack({
        temporalAddress,
        ...(database === undefined ? {} : { databaseUrl: database.url }),
        ...options,
      });
    });
    afterAll(async () => {
      await stack?.stop();
      await database?.end();
    });
    tests(() => stack ?? notStarted());
  });
}

function notStarted(): never {
  throw new Error('the stack is there only while tests run');
}
