/** The page of one kickoff. */
export const KICKOFF = `
/* ---- one kickoff: .crumbs, .stands, .needs, .story, .timeline */
.crumbs { margin: 0; font-size: 0.875rem; }
.stands { font-size: 1.125rem; max-width: none; }
.needs { border: 1px solid var(--line); border-left: 0.35rem solid var(--alert); border-radius: 8px; padding: 0.6rem 1rem; margin: 0.75rem 0; }
.needs h2 { font-size: 1rem; margin: 0 0 0.25rem; }
.needs > :last-child { margin-bottom: 0; }
.needs li { margin-bottom: 0.35rem; }
span.actions { display: inline-flex; margin: 0; vertical-align: middle; }
span.actions .button { min-height: 0; padding: 0.15rem 0.7rem; }
a.button:is([href^="/actions/kickoff.proceed?"], [href^="/actions/kickoff.resume?"]):not(a.button ~ a.button) { background: var(--primary); border-color: var(--primary); color: var(--on-primary); }
:is(#facts, #meeting) dl { grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); }
.on-page { font-size: 0.875rem; margin-left: -0.55rem; }
:is(#people, #why, #steps) :is(th, td) { overflow-wrap: break-word; }
:is(#people, #why, #steps) th .quiet { font-weight: 400; font-size: 0.875rem; }
.story { list-style: none; display: grid; grid-template-columns: repeat(7, minmax(0, 1fr)); padding: 0; margin: 1.25rem 0 0.5rem; }
.story li { position: relative; padding: 1.5rem 0.75rem 0 0; overflow-wrap: break-word; }
.story li::before, .story li::after, .timeline > li::before, .timeline > li::after { box-sizing: border-box; }
.story li::before { content: ""; position: absolute; top: 0.4375rem; left: 0; right: 0; border-top: 2px solid var(--line); }
.story li:last-child::before { display: none; }
.story li::after { content: ""; position: absolute; top: 0; left: 0; width: 1rem; height: 1rem; border: 2px solid var(--edge); border-radius: 50%; background: var(--ground); }
.story li.done::before { border-color: var(--good); }
.story li.done::after { border-color: var(--good); background: var(--good); }
.story li.now::after, .story li.paused::after { border: 0.3rem solid var(--busy); }
.story li.person::after { border: 0.3rem solid var(--alert); }
.story li.stopped::after { border-color: var(--still); background: var(--still); }
.story strong, .story span { display: block; }
.story strong { line-height: 1.3; }
.story .state, .story .quiet { font-size: 0.875rem; line-height: 1.4; }
.story .later, .story .never, .story .done .state { color: var(--quiet); }
.story .later strong, .story .never strong { font-weight: 400; }
.story .person .state { color: var(--alert); font-weight: 600; }
.story .now .state, .story .paused .state { color: var(--busy); font-weight: 600; }
.timeline { list-style: none; margin: 0; padding: 0; }
.timeline > li { position: relative; display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: 0 2rem; padding: 0 0 0.9rem; }
.timeline > li::before { content: ""; position: absolute; top: 0.4rem; bottom: -0.4rem; left: calc(12rem - 1px); border-left: 2px solid var(--line); }
.timeline > li:last-child::before { display: none; }
.timeline > li::after { content: ""; position: absolute; top: 0.4rem; left: calc(12rem - 0.35rem); width: 0.7rem; height: 0.7rem; border: 2px solid var(--edge); border-radius: 50%; background: var(--ground); }
.timeline > li.of-person::after { background: var(--link); border-color: var(--link); }
.timeline > li.of-skipup::after { background: var(--edge); }
.timeline > li > time { color: var(--quiet); font-size: 0.875rem; line-height: 1.7; }
.timeline p { margin: 0; max-width: none; }
.timeline p.quiet, .timeline summary { font-size: 0.875rem; }
.timeline .kind { display: inline-block; min-width: 4.5rem; margin-right: 0.35rem; padding: 0 0.4rem; border: 1px solid var(--edge); border-radius: 4px; font-size: 0.75rem; font-weight: 600; line-height: 1.5; text-align: center; vertical-align: 0.05em; }
.timeline pre { max-height: 24rem; overflow-y: auto; }
.timeline + details, details + .timeline { margin-top: 0; }
@media (max-width: 56rem) {
  .story { grid-template-columns: 1fr; margin-top: 1rem; }
  .story li { padding: 0 0 0.6rem 1.75rem; }
  .story li::before { top: 0.25rem; bottom: -0.25rem; left: 0.4375rem; right: auto; border-top: 0; border-left: 2px solid var(--line); }
  .story li::after { top: 0.25rem; }
  .story strong, .story span { display: inline; margin-right: 0.35rem; }
}
@media (max-width: 40rem) {
  :is(#facts, #meeting) dl { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0.75rem 1rem; }
  .timeline > li { grid-template-columns: minmax(0, 1fr); padding-left: 1.35rem; }
  .timeline > li::before { left: 0.3125rem; }
  .timeline > li::after { left: 0; }
}
@media (forced-colors: active) {
  .story li.done::after, .story li.stopped::after, .timeline > li.of-person::after { background: CanvasText; }
}
`;
