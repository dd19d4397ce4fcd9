/**
 * The console's only stylesheet; a constant so that it is in the build. Every pair of text and ground has a contrast of at
 * least 4.5 (WCAG 2.2, AA) in both schemes; `test/unit/console/stylesheet.test.ts` measures it.
 */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --ground: #ffffff;
  --raised: #f4f5f7;
  --line: #c9ced6;
  --text: #1b1f24;
  --quiet: #505a66;
  --link: #0b57b0;
  --alert: #9a2c12;
  --alert-ground: #fdece7;
  --good: #1b6a38;
  --good-ground: #e6f4ea;
  --busy: #1a4f94;
  --busy-ground: #e7effa;
  --still: #4a4f57;
  --still-ground: #eceef1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171b;
    --raised: #1d2127;
    --line: #414954;
    --text: #e8eaed;
    --quiet: #a9b2bd;
    --link: #8ab8f5;
    --alert: #ffb4a0;
    --alert-ground: #4a1d12;
    --good: #9bdcb0;
    --good-ground: #173822;
    --busy: #a9cbf7;
    --busy-ground: #1a3152;
    --still: #c3c9d1;
    --still-ground: #2b3037;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
header { background: var(--raised); border-bottom: 1px solid var(--line); padding: 0.5rem 1rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; list-style: none; margin: 0; padding: 0; }
nav a { display: inline-block; padding: 0.35rem 0; }
header a[aria-current] { color: var(--text); font-weight: 600; }
main { max-width: 76rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0.5rem 0 0.75rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 0 0 0.25rem; }
p, ul, ol { margin: 0.25rem 0 0.75rem; }
code { font-size: 0.9em; background: var(--raised); padding: 0.1em 0.3em; border-radius: 3px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; display: inline-block; padding: 0.5rem 1rem; }
.quiet { color: var(--quiet); background: var(--ground); }
.chip { display: inline-block; border-radius: 1rem; padding: 0.05rem 0.6rem; font-size: 0.875rem; font-weight: 600; overflow-wrap: normal; }
.chip.alert { color: var(--alert); background: var(--alert-ground); }
.chip.good { color: var(--good); background: var(--good-ground); }
.chip.busy { color: var(--busy); background: var(--busy-ground); }
.chip.still { color: var(--still); background: var(--still-ground); }
.cards { list-style: none; padding: 0; display: grid; gap: 0.75rem; }
.cards > li { border: 1px solid var(--line); border-left: 0.35rem solid var(--alert); border-radius: 6px; padding: 0.75rem 1rem; }
.counts { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 0.5rem; }
.counts a { display: inline-block; border: 1px solid var(--line); border-radius: 6px; padding: 0.35rem 0.75rem; text-decoration: none; }
.counts a[aria-current] { border: 2px solid var(--link); font-weight: 600; }
form.search { display: flex; flex-wrap: wrap; align-items: end; gap: 0.5rem; margin: 0.5rem 0 1rem; }
form.search label { display: block; font-size: 0.875rem; color: var(--quiet); background: var(--ground); }
input, button { font: inherit; color: var(--text); background: var(--ground); border: 1px solid var(--quiet); border-radius: 6px; padding: 0.4rem 0.7rem; max-width: 100%; }
button { background: var(--raised); cursor: pointer; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.45rem 0.75rem 0.45rem 0; border-bottom: 1px solid var(--line); min-width: 6rem; }
thead th { color: var(--quiet); background: var(--ground); font-size: 0.875rem; }
tbody th { font-weight: 600; min-width: 10rem; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr)); gap: 0.75rem 1.5rem; margin: 0.5rem 0 1rem; }
dt { color: var(--quiet); background: var(--ground); font-size: 0.875rem; }
dd { margin: 0; }
.timeline { list-style: none; padding: 0 0 0 1rem; border-left: 2px solid var(--line); }
.timeline li { margin-bottom: 0.75rem; }
.timeline time { color: var(--quiet); background: var(--ground); font-size: 0.875rem; display: block; }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
`.trimStart();
