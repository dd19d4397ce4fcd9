import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { realParts } from './real-parts.ts';
import type { TestStack } from './stack.ts';
import { describeStack } from './stacks.ts';

interface TestBrowser {
  page: Page;
  close(): Promise<void>;
}

/** Nothing that calls home, asks questions or needs a desktop. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** Until a condition holds on a page, in milliseconds: two cores are shared by everything. */
const WAIT_MS = 30_000;

/** Runs tests in Chromium, against the whole stack and the Temporal UI of the run's server. */
export function describeTemporalUi(name: string, tests: (stack: () => TestStack, page: () => Page) => void): void {
  const { temporalUiUrl, chromium: found, missing } = realParts();
  if (temporalUiUrl === undefined || found === undefined) {
    const why = missing.chromium ?? missing.temporal ?? 'the UI of TEMPORAL_ADDRESS is not known';
    describe.skip(`${name} (skipped: ${why})`, () => tests(notStarted, notStarted));
    return;
  }
  describeStack(
    name,
    (stack) => {
      let browser: TestBrowser | undefined;
      beforeAll(async () => {
        browser = await openBrowser();
      });
      afterAll(async () => {
        await browser?.close();
      });
      tests(stack, () => browser?.page ?? notStarted());
    },
    { temporalUiUrl },
  );
}

function notStarted(): never {
  throw new Error('stack and browser are there only while tests run');
}

/** Opens Chromium with a profile of its own, which goes with it. */
async function openBrowser(): Promise<TestBrowser> {
  const { chromium: executablePath } = realParts();
  if (executablePath === undefined) throw new Error('there is no Chromium');
  const profile = mkdtempSync(join(tmpdir(), 'kickoff-browser-'));
  const removeProfile = () => rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  let context: BrowserContext;
  try {
    context = await chromium.launchPersistentContext(profile, {
      executablePath,
      args: FLAGS,
      headless: true,
      viewport: { width: 1200, height: 800 },
      timezoneId: 'UTC',
      locale: 'en-US',
    });
  } catch (error) {
    removeProfile();
    throw error;
  }
  context.setDefaultTimeout(WAIT_MS);
  const page = context.pages()[0] ?? (await context.newPage());
  return {
    page,
    async close() {
      await context.close();
      removeProfile();
    },
  };
}

/** Does something in the browser; where it fails, the error names a picture of the page. */
export async function withPicture<T>(page: Page, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const file = join(mkdtempSync(join(tmpdir(), 'kickoff-picture-')), 'page.png');
    await page.screenshot({ path: file, fullPage: true }).catch(() => undefined);
    throw new Error(
      `${error instanceof Error ? error.message : String(error)}\nThe page: ${page.url()}\nA picture of it: ${file}`,
      {
        cause: error,
      },
    );
  }
}
