import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

/** Where pictures of what failed are kept; not in git. */
const FOLDER = fileURLToPath(new URL('../../test-results', import.meta.url));

/** Does something in the browser; where it fails, the error names a picture of the page, which is kept. */
export async function withPicture<T>(page: Page, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    mkdirSync(FOLDER, { recursive: true });
    const file = join(FOLDER, `page-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.png`);
    const kept = await page.screenshot({ path: file, fullPage: true }).then(
      () => file,
      (reason: unknown) => `none: ${String(reason)}`,
    );
    throw new Error(
      `${error instanceof Error ? error.message : String(error)}\nThe page: ${page.url()}\nA picture of it: ${kept}`,
      { cause: error },
    );
  }
}
