import { styleText } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createOutput } from '../../../cli/output.ts';
import { printable, printableLines } from '../../../cli/printable.ts';

const ESC = '\u001b';

describe('what a terminal is given', () => {
  it('keeps lines, tabs and our own colours', () => {
    const text = `one\n\ttwo ${styleText('green', 'three')}`;
    expect(printableLines(text)).toBe(text);
  });

  it.each([
    ['clears the screen', `${ESC}[2J`],
    ['sets the title', `${ESC}]0;owned\u0007`],
    ['writes over the line', 'safe\rowned'],
    ['is an eight-bit sequence', '\u009b2J'],
    ['turns the direction of writing', 'txt.\u202eexe'],
  ])('holds nothing that %s', (_what, name) => {
    for (const shown of [printableLines(name), printable(name)]) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
      expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
  });

  it('is no more than a line where a name stands', () => {
    expect(printable('Sarah\n✔ all is well')).toBe('Sarah ✔ all is well');
  });
});

describe('a command’s output', () => {
  const written = (isTTY: boolean, form?: 'words' | 'data') => {
    const texts: string[] = [];
    createOutput(false, { isTTY, write: (text) => texts.push(text) }).emit({ type: 'any' }, 'a\u202bb\u001b[2Jc', form);
    return texts.join('');
  };

  it('obeys nothing that a name says, whoever reads it', () => {
    expect([written(true), written(false)]).toEqual(['a b [2Jc\n', 'a b [2Jc\n']);
  });

  it('leaves data as they are, but for a terminal', () => {
    expect([written(true, 'data'), written(false, 'data')]).toEqual(['a b [2Jc\n', 'a\u202bb\u001b[2Jc\n']);
  });
});
