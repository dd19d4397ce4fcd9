/**
 * The colours of both schemes. What stands on what, and how well it can be read there, is measured by
 * `test/unit/console/stylesheet.test.ts`: 4.5 for text, 3 for lines that mean something (WCAG 2.2, AA).
 */
export const COLOURS = `
:root {
  color-scheme: light dark;
  --ground: #ffffff;
  --raised: #f4f5f7;
  --line: #d5dae1;
  --edge: #7a8491;
  --text: #1b1f24;
  --quiet: #505a66;
  --link: #0b57b0;
  --primary: #0b57b0;
  --on-primary: #ffffff;
  --danger: #a3260f;
  --on-danger: #ffffff;
  --alert: #9a2c12;
  --alert-ground: #fdece7;
  --good: #1b6a38;
  --good-ground: #e6f4ea;
  --busy: #1a4f94;
  --busy-ground: #e7effa;
  --still: #4a4f57;
  --still-ground: #eceef1;
  --bar: #3b76c4;
  --bar-more: #8a6d1f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171b;
    --raised: #1d2127;
    --line: #353c46;
    --edge: #7f8996;
    --text: #e8eaed;
    --quiet: #a9b2bd;
    --link: #8ab8f5;
    --primary: #8ab8f5;
    --on-primary: #0d1b2e;
    --danger: #ff9d85;
    --on-danger: #3a0d04;
    --alert: #ffb4a0;
    --alert-ground: #4a1d12;
    --good: #9bdcb0;
    --good-ground: #173822;
    --busy: #a9cbf7;
    --busy-ground: #1a3152;
    --still: #c3c9d1;
    --still-ground: #2b3037;
    --bar: #6ea3e8;
    --bar-more: #cfae55;
  }
}
`;
