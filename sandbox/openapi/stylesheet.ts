/** The page's only style, in the page itself. Text on every ground has a contrast of at least 4.5 in both schemes. */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --raised: #f5f6f8; --line: #d5d9e0; --text: #1a1d21; --quiet: #525b67; --link: #0b57b0;
  --get: #14532d; --get-ground: #dcf3e4; --post: #1e3f8a; --post-ground: #dfe8fd;
  --patch: #6b3d00; --patch-ground: #fdeccb; --delete: #8a1c1c; --delete-ground: #fde3e1;
  --shell: #f0f2f5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #13161a; --raised: #1b1f25; --line: #3a414b; --text: #e6e8eb; --quiet: #a7b0bb; --link: #8ab8f5;
    --get: #a5e3bb; --get-ground: #16351f; --post: #b3cdfb; --post-ground: #1b2d52;
    --patch: #f5cf8e; --patch-ground: #3d2a0a; --delete: #fbb4ae; --delete-ground: #471a17;
    --shell: #1b1f25;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: break-word; }
main { max-width: 56rem; padding: 1rem 1.25rem 4rem; margin: 0 auto; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 1rem 0; text-wrap: balance; }
h2 { font-size: 1.35rem; margin: 3.5rem 0 0.5rem; padding-top: 1rem; border-top: 3px solid var(--line); }
h3 { font-size: 1.12rem; margin: 0 0 0.4rem; }
h4 { font-size: 0.95rem; margin: 1.4rem 0 0.4rem; }
h4 .quiet { font-weight: 400; }
p { margin: 0.4rem 0 0.8rem; }
.quiet { color: var(--quiet); font-size: 0.92em; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code { font-size: 0.88em; background: var(--raised); border-radius: 4px; padding: 0.1em 0.3em; }
pre { margin: 0.4rem 0 1rem; padding: 0.8rem 1rem; overflow-x: auto; background: var(--shell); border: 1px solid var(--line); border-radius: 8px; line-height: 1.45; tab-size: 2; }
pre code { padding: 0; background: none; font-size: 0.83rem; overflow-wrap: normal; }
.operation { margin: 1.25rem 0; padding: 1.1rem 1.25rem; border: 1px solid var(--line); border-radius: 10px; }
.operation:target { border-color: var(--link); box-shadow: 0 0 0 1px var(--link); }
.anchor { color: inherit; text-decoration: none; }
.anchor:hover { text-decoration: underline; }
.call { margin: 0 0 0.3rem; }
.call code { background: none; padding: 0; font-size: 0.98rem; }
.method { display: inline-block; min-width: 3.6rem; padding: 0.08rem 0.45rem; border-radius: 5px; font-size: 0.75rem; font-weight: 700; letter-spacing: 0.02em; text-align: center; }
.method.get { color: var(--get); background: var(--get-ground); }
.method.post { color: var(--post); background: var(--post-ground); }
.method.patch { color: var(--patch); background: var(--patch-ground); }
.method.delete { color: var(--delete); background: var(--delete-ground); }
.status { display: inline-block; flex: none; min-width: 2.6rem; padding: 0.02rem 0.4rem; border-radius: 5px; font-size: 0.82rem; font-weight: 700; text-align: center; color: var(--get); background: var(--get-ground); }
.status.bad { color: var(--text); background: var(--raised); border: 1px solid var(--line); }
.refusals { list-style: none; margin: 0.5rem 0 0; padding: 0; font-size: 0.92rem; }
.refusals li { display: flex; gap: 0.6rem; align-items: baseline; margin: 0.3rem 0; }
.must { color: var(--delete); font-size: 0.75rem; font-weight: 600; margin-left: 0.25rem; }
.scroll { overflow-x: auto; margin: 0.3rem 0 1rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.94rem; }
th, td { text-align: left; vertical-align: top; padding: 0.5rem 1rem 0.5rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; width: 15rem; }
tr:last-child > * { border-bottom: 0; }
summary { cursor: pointer; color: var(--link); }
.schema { border-bottom: 1px solid var(--line); padding: 0.5rem 0; }
.schema > :not(summary) { margin-top: 0.5rem; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; display: inline-block; padding: 0.5rem 1rem; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav > ul > li { margin: 0 0 0.9rem; }
nav ul ul { margin-top: 0.3rem; }
nav a { display: block; padding: 0.22rem 0; text-decoration: none; }
nav ul ul a { display: grid; grid-template-columns: 4rem 1fr; gap: 0.5rem; align-items: baseline; }
nav a:hover { text-decoration: underline; }
nav .method { min-width: 0; padding-inline: 0.2rem; font-size: 0.66rem; white-space: nowrap; }
nav.wide { display: none; }
.narrow { margin: 0 0 1rem; padding: 0.7rem 1rem; border: 1px solid var(--line); border-radius: 8px; }
.narrow[open] summary { margin-bottom: 0.75rem; }
@media (min-width: 68rem) {
  body { display: grid; grid-template-columns: 19rem minmax(0, 1fr); }
  nav.wide { display: block; position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.5rem 1rem 2rem 1.5rem; border-right: 1px solid var(--line); font-size: 0.92rem; }
  .narrow { display: none; }
  main { margin: 0; padding: 1rem 2.5rem 6rem; }
}
@media (max-width: 34rem) {
  .operation { margin-inline: -0.6rem; padding: 0.9rem 0.8rem; }
  tr { display: block; padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
  tr:last-child { border-bottom: 0; }
  th, td { display: block; width: auto; border: 0; padding: 0.1rem 0; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
`.trimStart();
