/** What needs no class: text, headings, links, code. */
export const BASE = `
/* ---- base */
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: var(--link); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
main { max-width: 76rem; margin: 0 auto; padding: 1rem; }
main.narrow { max-width: 30rem; padding-top: 3rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0.5rem 0 0.75rem; text-wrap: balance; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 2rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 0 0 0.25rem; }
p, ul, ol { margin: 0.25rem 0 0.75rem; }
p { max-width: 75ch; }
ul, ol { padding-left: 1.25rem; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.9em; background: var(--raised); border-radius: 4px; }
code { padding: 0.1em 0.3em; }
pre { padding: 0.75rem 1rem; overflow-x: auto; white-space: pre-wrap; }
pre code { padding: 0; font-size: 1em; }
time { font-variant-numeric: tabular-nums; }
hr { border: 0; border-top: 1px solid var(--line); margin: 1.5rem 0; }
summary { cursor: pointer; }
svg { max-width: 100%; height: auto; }
.quiet { color: var(--quiet); }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; display: inline-block; padding: 0.5rem 1rem; }
.visually-hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;
