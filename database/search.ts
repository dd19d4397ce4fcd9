import { plainText } from './json.ts';

/** Nobody types more; each is another look at the index. */
const WORDS = 8;
/** The index knows groups of three letters: shorter words are looked for where words begin, with the space before them. */
const GROUP = 3;
/** Scripts that put no space between words. */
const WITHOUT_SPACES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

/**
 * What a person has typed, as patterns for a `search` column, all of which are to match: the column holds the texts with
 * `"`, `\`, `[` and `]` as spaces (they are JSON's own), and so are they here. A word matches anywhere in a word, one of
 * less than three letters where a word begins; what has no letter and no digit is left out.
 *
 * @returns for `like lower(…)`: the casing is the database's affair, which knows its language
 */
export function searchPatterns(text: string): string[] {
  const words = plainText(text, 200)
    .replace(/["\\[\]]/g, ' ')
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word));
  return [...new Set(words)].slice(0, WORDS).map((word) => {
    const literal = word.replace(/[%_]/g, '\\$&');
    return [...word].length < GROUP && !WITHOUT_SPACES.test(word) ? `% ${literal}%` : `%${literal}%`;
  });
}

/** Whether a text is anything to look for: where it is not, a search for it finds everything. */
export function isSearchable(text: string): boolean {
  return searchPatterns(text).length > 0;
}

/** The meeting request's id that is searched for, when that is all that is searched for. */
export function requestSearched(text: string): string | undefined {
  const trimmed = text.trim();
  return /^mr_[\w-]+$/i.test(trimmed) ? trimmed : undefined;
}
