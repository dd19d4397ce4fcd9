import { describe, expect, it } from 'vitest';
import { STYLESHEET } from '../../../console/page/stylesheet.ts';

const TEXT = ['text', 'quiet', 'link', 'danger'] as const;
const GROUNDS = ['ground', 'raised'] as const;
const TONES = ['alert', 'good', 'busy', 'still'] as const;

/** Text on its ground. */
const TEXT_PAIRS = [
  ...TEXT.flatMap((text) => GROUNDS.map((ground) => [text, ground] as const)),
  ...TONES.map((tone) => [tone, `${tone}-ground`] as const),
  // The place in the navigation that the pointer is over.
  ['text', 'still-ground'],
  ['on-primary', 'primary'],
  ['on-danger', 'danger'],
] as const;

/** Lines and shapes without which something could not be found or understood. */
const SHAPE_PAIRS = ['edge', 'bar', 'bar-more', 'primary', 'alert', 'good', 'busy'].flatMap((shape) =>
  GROUNDS.map((ground) => [shape, ground] as const),
);

const [light = '', dark = ''] = STYLESHEET.split('@media (prefers-color-scheme: dark)');

describe.each([
  ['light', light],
  ['dark', dark],
])('the %s colours', (_scheme, css) => {
  const colours = new Map([...css.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]));

  it.each(TEXT_PAIRS)('%s on %s can be read: contrast 4.5 or more (WCAG AA)', (text, ground) => {
    expect(contrast(colours.get(text), colours.get(ground))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(SHAPE_PAIRS)('%s on %s can be seen: contrast 3 or more (WCAG AA)', (shape, ground) => {
    expect(contrast(colours.get(shape), colours.get(ground))).toBeGreaterThanOrEqual(3);
  });

  it('has all of them, under the same names as the other', () => {
    expect([...colours.keys()].toSorted()).toEqual([...namesIn(light)].toSorted());
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

  it('names no colour but by its meaning, so that both schemes have it', () => {
    const rules = STYLESHEET.replaceAll(/--[a-z-]+: #[0-9a-f]{6};/g, '');
    expect(rules.match(/#[0-9a-f]{3,8}\b(?=[^{}]*[;}])/gi) ?? []).toEqual([]);
    const used = new Set([...rules.matchAll(/var\(--([a-z-]+)\)/g)].map(([, name = '']) => name));
    expect([...used].filter((name) => !namesIn(light).has(name))).toEqual([]);
  });

  it('is small enough to be there at once', () => {
    expect(Buffer.byteLength(STYLESHEET)).toBeLessThan(40_000);
  });
});

function namesIn(css: string): Set<string> {
  return new Set([...css.matchAll(/--([a-z-]+): #[0-9a-f]{6};/g)].map(([, name = '']) => name));
}

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

it('does not stretch a box to tick over its label', () => {
  const stretched = STYLESHEET.split('\n').filter((line) => /(^|[ ,>])input[^{]*\{[^}]*[ ;]width: 100%/.test(line));
  expect(stretched).not.toHaveLength(0);
  for (const line of stretched) expect(line).toMatch(/input(:not\(\[type="checkbox"\]|\[type="search"\])/);
});
