import { Lexer } from 'yaml';

/** The file, its accounts, their people, a person's lists and maps: a registry is half as deep. */
const DEEPEST = 16;
/** A line's own dashes and blanks, before its first word: where blocks are nested. In characters. */
const LONGEST_LEAD = 200;

/**
 * Where a YAML text is nested deeper than any registry: the parser calls itself at every depth, and some kilobytes of brackets
 * cost it all memory there is.
 *
 * @returns the line, from 1; undefined when it is not
 */
export function tooDeepLine(text: string): number | undefined {
  let line = 1;
  let depth = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
    if (depth > DEEPEST) return line;
    for (let at = token.indexOf('\n'); at !== -1; at = token.indexOf('\n', at + 1)) line += 1;
  }
  const deep = text.split('\n').findIndex((each) => (/^[\s?:-]*/.exec(each)?.[0].length ?? 0) > LONGEST_LEAD);
  return deep === -1 ? undefined : deep + 1;
}
