/** Takes pictures of the console's pages in Chromium. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'];
const WIDE = { width: 1240, height: 900 };
const PHONE = { width: 390, height: 844 };
/** For what is read on paper and on screens of any kind; README files are looked at over slow lines, too. */
export const MOST_BYTES = 400_000;

/**
 * Opens a browser, signs in by a one-time link, and takes the pictures.
 *
 * @param options.pictures name, path, height in CSS pixels; `dark` and `phone` as wanted
 * @returns of each file its name and size in bytes
 */
export async function shoot({ executablePath, link, folder, pictures, timezone, say }) {
  const browser = await chromium.launch({ executablePath, args: FLAGS, headless: true });
  try {
    const { origin } = new URL(link);
    const context = await browser.newContext({
      viewport: WIDE,
      deviceScaleFactor: 2,
      timezoneId: timezone,
      locale: 'en-GB',
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    await page.goto(link);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${origin}/`);
    const taken = [];
    for (const { name, path, height, isDark, isPhone, prepare } of pictures) {
      say(name);
      await page.emulateMedia({ colorScheme: isDark === true ? 'dark' : 'light' });
      await page.setViewportSize(isPhone === true ? PHONE : WIDE);
      await page.goto(origin + path, { waitUntil: 'load' });
      await prepare?.(page);
      const { width } = page.viewportSize();
      await page.setViewportSize({ width, height });
      const file = join(folder, `${name}.png`);
      await page.screenshot({ path: file, clip: { x: 0, y: 0, width, height } });
      taken.push({ name, file, bytes: statSync(file).size });
    }
    return taken;
  } finally {
    await browser.close();
  }
}
