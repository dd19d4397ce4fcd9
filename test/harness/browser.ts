import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { newSignInLink } from '../../console/index.ts';
import { withPicture } from './pictures.ts';
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

/** How somebody looks at the console. */
export interface Looking extends Pick<BrowserContextOptions, 'javaScriptEnabled' | 'colorScheme' | 'timezoneId'> {
  /** An operator when left out. Nobody: nobody is signed in. */
  as?: 'operator' | 'viewer' | 'nobody';
  /** The page that is opened first; the overview when left out. */
  at?: string;
  /** Of the window, in CSS pixels. */
  width?: number;
  /** What the browser's own log may complain of, such as the 404 that a test wants. */
  mayComplain?: RegExp;
}

/**
 * Shows the console to somebody, in a browser profile of their own. The test fails, with a picture, when
 * the page does: an error of its script, something that its content policy forbids, a request to somebody else.
 */
export type Look = (looking: Looking, work: (page: Page) => Promise<void>) => Promise<void>;

/** Runs tests of the console in Chromium, against the whole stack: one stack and one browser for all of them. */
export function describeConsole(name: string, tests: (stack: () => TestStack, look: Look) => void): void {
  const { chromium: executablePath, missing } = realParts();
  if (executablePath === undefined) {
    describe.skip(`${name} (skipped: ${missing.chromium})`, () => tests(notStarted, notStarted));
    return;
  }
  describeStack(name, (stack) => {
    let browser: Browser | undefined;
    const signedIn = new Map<string, Promise<SignedIn>>();
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args: FLAGS, headless: true });
    });
    afterAll(async () => {
      await browser?.close();
    });
    const look: Look = async ({ as = 'operator', at = '/', width = 1200, mayComplain, ...options }, work) => {
      const opened = browser ?? notStarted();
      if (as !== 'nobody' && !signedIn.has(as)) signedIn.set(as, signIn(opened, stack(), as));
      const context = await opened.newContext({
        baseURL: stack().serveUrl,
        viewport: { width, height: 800 },
        timezoneId: 'UTC',
        locale: 'en-US',
        ...options,
        storageState: (await signedIn.get(as)) ?? { cookies: [], origins: [] },
      });
      try {
        context.setDefaultTimeout(WAIT_MS);
        const page = await context.newPage();
        const complaints = complaintsOf(page, stack().serveUrl, mayComplain);
        await withPicture(page, async () => {
          await page.goto(at);
          await work(page);
          expect(complaints, 'what the browser complains of').toEqual([]);
        });
      } finally {
        await context.close();
      }
    };
    tests(stack, look);
  });
}

type SignedIn = Awaited<ReturnType<BrowserContext['storageState']>>;

/** Comes in by a one-time link, as a person does. */
async function signIn(browser: Browser, stack: TestStack, role: 'operator' | 'viewer'): Promise<SignedIn> {
  const { serveUrl, services } = stack;
  const link = await newSignInLink(services.database.db, { name: role, role, publicUrl: serveUrl, now: new Date() });
  const page = await browser.newPage();
  try {
    await page.goto(link.url);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('navigation', { name: 'Main' }).waitFor({ timeout: WAIT_MS });
    return await page.context().storageState();
  } finally {
    await page.context().close();
  }
}

/** Grows by what goes wrong on a page. */
function complaintsOf(page: Page, ours: string, mayComplain: RegExp | undefined): string[] {
  const complaints: string[] = [];
  const complain = (text: string) => {
    if (mayComplain?.test(text) !== true) complaints.push(text);
  };
  page.on('pageerror', (error) => complain(`script: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complain(`${message.text()} ${message.location().url}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(`${ours}/`)) complain(`asks somebody else: ${request.url()}`);
  });
  return complaints;
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
