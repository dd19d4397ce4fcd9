/** The end of a sentence: its mark, quotes or brackets that close after it, and a blank or the text's end. */
const SENTENCE_END = /[.!?…。！？]["'”’»)\]]*(?=\s|$)/g;

/**
 * Shortens a text to at most `limit` UTF-16 units: at the end of a sentence, else after a whole word with an ellipsis. A
 * single word that is longer than the limit is cut between two characters as people see them, never inside one.
 *
 * @returns the text trimmed, when it is short enough
 */
export function cut(text: string, limit: number): string {
  const trimmed = text.trim();
  if (trimmed.length <= limit) return trimmed;
  if (limit <= 0) return '';
  const sentences = lastSentenceEnd(trimmed, limit);
  // Half a text that ends well is better than a whole one that does not; a tenth of it is not.
  if (sentences > limit / 2) return trimmed.slice(0, sentences);
  // One unit is the ellipsis's. A blank right after it also ends a whole word.
  const words = trimmed.slice(0, limit).search(/\s+\S*$/);
  const end = words > 0 ? trimmed.slice(0, words) : wholeCharacters(trimmed, limit - 1);
  return end === '' ? '' : `${end}…`;
}

function lastSentenceEnd(text: string, limit: number): number {
  let last = 0;
  for (const match of text.matchAll(SENTENCE_END)) {
    const end = match.index + match[0].length;
    if (end > limit) break;
    last = end;
  }
  return last;
}

/** As many grapheme clusters as fit: a flag, a family or a letter with its accents is one. */
function wholeCharacters(text: string, limit: number): string {
  let end = 0;
  // No character is a hundred units long; the segmenter need not see the rest.
  for (const { segment, index } of new Intl.Segmenter().segment(text.slice(0, limit + 100))) {
    if (index + segment.length > limit) break;
    end = index + segment.length;
  }
  return text.slice(0, end);
}
