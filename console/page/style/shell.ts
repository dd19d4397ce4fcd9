/** What stands around every page. */
export const SHELL = `
/* ---- shell: header, places, the user's menu, footer */
body > header { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 1.25rem; background: var(--raised); border-bottom: 1px solid var(--line); padding: 0.35rem 1rem; }
.brand { font-weight: 700; letter-spacing: -0.01em; color: var(--text); text-decoration: none; padding: 0.35rem 0; }
nav ul { display: flex; flex-wrap: wrap; align-items: center; gap: 0.15rem 0.25rem; list-style: none; margin: 0; padding: 0; }
nav a { display: inline-block; padding: 0.3rem 0.55rem; border-radius: 6px; }
header nav { flex: 1 1 0; min-width: min(100%, 26rem); }
header nav a:not(.button) { color: var(--text); text-decoration: none; }
header nav a:not(.button):hover { background: var(--still-ground); }
header nav a[aria-current]:not(.button) { background: var(--ground); box-shadow: inset 0 -2px 0 var(--link); font-weight: 600; }
.menu { position: relative; }
.menu > summary { list-style: none; display: flex; align-items: center; gap: 0.4rem; padding: 0.3rem 0.55rem; border: 1px solid var(--edge); border-radius: 6px; max-width: min(16rem, 80vw); }
.menu > summary::-webkit-details-marker { display: none; }
.menu > summary > bdi { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.menu > summary::after { content: ""; flex: none; border: 0.3rem solid transparent; border-top-color: currentColor; border-bottom: 0; }
.menu[open] > summary::after { rotate: 180deg; }
.menu > div { position: absolute; z-index: 2; right: 0; margin-top: 0.35rem; min-width: 15rem; max-width: 90vw; background: var(--ground); border: 1px solid var(--edge); border-radius: 8px; padding: 0.75rem 1rem; box-shadow: 0 4px 16px rgb(0 0 0 / 0.2); }
.menu form { margin: 0.5rem 0 0; }
body > footer { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; max-width: 76rem; margin: 2rem auto 0; padding: 0.5rem 1rem 1rem; border-top: 1px solid var(--line); font-size: 0.875rem; }
#live-state:not(:empty) { position: fixed; z-index: 1; right: 1rem; bottom: 1rem; margin: 0; background: var(--raised); border: 1px solid var(--edge); border-radius: 1rem; padding: 0.25rem 0.9rem; }
@media (max-width: 40rem) {
  body > header { position: relative; padding: 0.35rem 0.75rem; }
  header nav { order: 3; flex-basis: 100%; }
  header nav ul { gap: 0.1rem 0; margin-left: -0.55rem; }
  header .menu { margin-left: auto; }
  main { padding: 0.75rem; }
}
`;
