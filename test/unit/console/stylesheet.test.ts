import { describe, expect, it } from 'vitest';
import { STYLESHEET } from '../../../console/page/stylesheet.ts';

/** Text on its ground. */
const PAIRS = [
  ['text', 'ground'],
  ['text', 'raised'],
  ['quiet', 'ground'],
  ['link', 'ground'],
  ['link', 'raised'],
  ['alert', 'alert-ground'],
  ['good', 'good-ground'],
  ['busy', 'busy-ground'],
  ['still', 'still-ground'],
] as const;

const [light = '', dark = ''] = STYLESHEET.split('@media (prefers-color-scheme: dark)');

describe.each([
  ['light', light],
  ['dark', dark],
])('the %s colours', (_scheme, css) => {
  const colours = new Map([...css.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]));

  it.each(PAIRS)('%s on %s can be read: contrast 4.5 or more (WCAG AA)', (text, ground) => {
    expect(contrast(colours.get(text), colours.get(ground))).toBeGreaterThanOrEqual(4.5);
  });
});

describe('the stylesheet', () => {
  it('loads nothing', () => {
    expect(STYLESHEET).not.toMatch(/url\(|@import/);
  });

  it('shows where the keyboard is', () => {
    expect(STYLESHEET).toMatch(/:focus-visible \{ outline: 3px solid/);
    expect(STYLESHEET).not.toMatch(/outline: (0|none)/);
  });
});

/** WCAG 2.2, "contrast ratio" and "relative luminance". */
function contrast(a: string | undefined, b: string | undefined): number {
  const [bright = 0, faint = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (bright + 0.05) / (faint + 0.05);
}

function luminance(colour: string | undefined): number {
  const [red = Number.NaN, green = Number.NaN, blue = Number.NaN] = [1, 3, 5].map((at) => {
    const value = Number.parseInt((colour ?? '').slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
