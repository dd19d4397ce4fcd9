/** Paper, little motion, colours of the reader's own. */
export const MEDIA = `
/* ---- media */
@media (forced-colors: active) {
  .chip, .button, button, .answer, .notice { border: 1px solid; }
  header nav a[aria-current], .counts a[aria-current] { outline: 2px solid; }
  .chart .bar { fill: CanvasText; }
  .chart .line { stroke: CanvasText; }
}
@media print {
  body > header, body > footer #live-state, .skip, .actions, form, nav { display: none; }
  main { max-width: none; padding: 0; }
  .cards > li, .card, tr { break-inside: avoid; }
  .scroll { overflow: visible; }
  a[href^="http"]::after { content: " (" attr(href) ")"; font-size: 0.8em; }
}
`;
