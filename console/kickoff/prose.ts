import { type Content, html } from '../page/html.ts';
import { instant } from '../page/instant.ts';

const MARKED = /(\d{4}-\d\d-\d\dT\d\d:\d\d(?::[\d.]+)?Z)|`([^`]+)`/;

/** A workflow's own sentence: its instants in the viewer's zone, what stands in backticks as code. */
export function prose(sentence: string, zone: string): Content {
  // Two groups: of every three pieces the first is text, and one of the others is there.
  const pieces = sentence.split(MARKED);
  return pieces.map((piece, index) => {
    if (index % 3 === 1) return piece && instant(piece, zone);
    return index % 3 === 2 ? piece && html`<code>${piece}</code>` : piece;
  });
}
