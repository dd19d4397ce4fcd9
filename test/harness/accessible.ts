import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** As wide as a small phone is, in CSS pixels. */
const NARROW = 360;
/** What depends on how a page looks; the rest has been found out by then. */
const SEEN = ['color-contrast', 'target-size', 'link-in-text-block', 'scrollable-region-focusable'];

/** axe-core finds nothing, wide and light, nor narrow and dark; and nothing is wider than a small phone. */
export async function expectAccessible(page: Page): Promise<void> {
  const before = page.viewportSize();
  expect(await violations(page), 'wide and light').toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: NARROW, height: 740 });
  expect(await violations(page, SEEN), 'narrow and dark').toEqual([]);
  const wide = await page.locator('html').evaluate((html) => html.scrollWidth);
  expect(wide, `pixels across on a screen of ${NARROW}`).toBeLessThanOrEqual(NARROW);
  await page.emulateMedia({ colorScheme: 'light' });
  if (before !== null) await page.setViewportSize(before);
}

/** What axe-core finds, a line each. It comes into the page by the debugger, which no content policy is asked about. */
async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(`if (!('axe' in window)) { ${axe.source} }`);
  const { violations: found } = await page.evaluate<axe.AxeResults>(
    `axe.run(${JSON.stringify({ resultTypes: ['violations'], ...(rules && { runOnly: rules }) })})`,
  );
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${help}: ${html.slice(0, 160)} ${failureSummary}`),
  );
}
