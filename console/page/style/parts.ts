/** The pieces that pages are put together from. */
export const PARTS = `
/* ---- parts: .chip, .answer, .notice, .cards, .card, .counts, .figures, .columns, progress, .steps (stepper), dl, .timeline, .empty */
.chip { display: inline-block; border: 1px solid transparent; border-radius: 1rem; padding: 0.05rem 0.6rem; font-size: 0.875rem; font-weight: 600; overflow-wrap: normal; }
.chip.alert, .answer.alert, .notice.alert { color: var(--alert); background: var(--alert-ground); }
.chip.good, .answer.good, .notice.good { color: var(--good); background: var(--good-ground); }
.chip.busy, .answer.busy, .notice.busy { color: var(--busy); background: var(--busy-ground); }
.chip.still, .answer.still, .notice.still { color: var(--still); background: var(--still-ground); }
.answer, .notice { max-width: none; border-left: 0.35rem solid currentColor; border-radius: 6px; margin: 0.5rem 0 1rem; padding: 0.6rem 1rem; }
.answer { font-weight: 600; }
.notice a, .answer a { color: inherit; }
.notice > :last-child { margin-bottom: 0; }
.cards { list-style: none; padding: 0; display: grid; gap: 0.75rem; }
.cards > li, .card { border: 1px solid var(--line); border-radius: 8px; padding: 0.75rem 1rem; }
.cards > li { border-left: 0.35rem solid var(--alert); }
.cards > li.good { border-left-color: var(--good); }
.cards > li.busy { border-left-color: var(--busy); }
.cards > li.still { border-left-color: var(--edge); }
.cards > li > :last-child, .card > :last-child { margin-bottom: 0; }
.card > h2 { margin-top: 0; }
.cards.side-by-side { grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); }
.cards > li > h3 { margin-top: 0; }
.cards .actions > .button:first-child:not(.danger) { background: var(--primary); border-color: var(--primary); color: var(--on-primary); }
.cards li li > .actions { margin: 0.4rem 0 0.6rem; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1rem 1.5rem; align-items: start; }
.counts { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 0.5rem; }
.counts a { display: inline-block; border: 1px solid var(--edge); border-radius: 6px; padding: 0.35rem 0.75rem; text-decoration: none; }
.counts a:hover { background: var(--raised); }
.counts a[aria-current] { border-color: var(--link); box-shadow: inset 0 0 0 1px var(--link); font-weight: 600; }
.figures { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 0.75rem; }
.figures > li { border: 1px solid var(--line); border-radius: 8px; padding: 0.6rem 0.9rem; }
.figures .quiet { display: block; font-size: 0.875rem; }
.figures strong { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
progress { appearance: none; width: 100%; height: 0.75rem; border: 1px solid var(--edge); border-radius: 1rem; background: var(--raised); overflow: hidden; }
progress::-webkit-progress-bar { background: var(--raised); }
progress::-webkit-progress-value { background: var(--bar); }
progress::-moz-progress-bar { background: var(--bar); }
.steps { list-style: none; counter-reset: step; padding: 0; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; color: var(--quiet); }
.steps > li { counter-increment: step; display: flex; align-items: center; gap: 0.4rem; }
.steps > li::before { content: counter(step); display: inline-grid; place-items: center; min-width: 1.6rem; height: 1.6rem; border: 1px solid var(--edge); border-radius: 1rem; font-size: 0.875rem; font-weight: 600; }
.steps > li.done::before { content: "✓"; content: "✓" / "done:"; color: var(--good); border-color: var(--good); }
.steps > li[aria-current] { color: var(--text); font-weight: 600; }
.steps > li[aria-current]::before { background: var(--primary); border-color: var(--primary); color: var(--on-primary); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr)); gap: 0.75rem 1.5rem; margin: 0.5rem 0 1rem; }
dt { color: var(--quiet); font-size: 0.875rem; }
dd { margin: 0; }
details > summary { padding: 0.25rem 0; }
.empty { border: 1px dashed var(--edge); border-radius: 8px; padding: 1rem 1.25rem; max-width: 48rem; }
.empty > :last-child { margin-bottom: 0; }
`;
