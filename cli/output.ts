import { printableLines } from './printable.ts';

/** A JSON document of `--json`. */
export type JsonDocument = { type: string } & Record<string, unknown>;

/** Where a command speaks: to a person, or to a program with one JSON document per line. */
export interface Output {
  readonly json: boolean;
  /** A terminal that can redraw. */
  readonly interactive: boolean;
  /**
   * Says one thing; `text` undefined means it is only for programs. Nothing in it is obeyed by a terminal, but for colours.
   *
   * @param form `data`: the text is what was asked for, a file's content say, and goes out as it is where no terminal reads it
   */
  emit(document: JsonDocument, text?: string, form?: 'words' | 'data'): void;
}

/** @param json one document per line on standard output; everything else goes to standard error */
export function createOutput(
  json: boolean,
  stream: { isTTY?: boolean; write(text: string): unknown } = process.stdout,
): Output {
  return {
    json,
    interactive: !json && stream.isTTY === true && process.stderr.isTTY === true && process.env.TERM !== 'dumb',
    emit(document, text, form = 'words') {
      const isAsItIs = form === 'data' && stream.isTTY !== true;
      if (json) stream.write(`${JSON.stringify(document)}\n`);
      else if (text !== undefined) stream.write(`${isAsItIs ? text : printableLines(text)}\n`);
    },
  };
}
