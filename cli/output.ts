/** A JSON document of `--json`. */
export type JsonDocument = { type: string } & Record<string, unknown>;

/** Where a command speaks: to a person, or to a program with one JSON document per line. */
export interface Output {
  readonly json: boolean;
  /** A terminal that can redraw. */
  readonly interactive: boolean;
  /** Says one thing; `text` undefined means it is only for programs. */
  emit(document: JsonDocument, text?: string): void;
}

/** @param json one document per line on standard output; everything else goes to standard error */
export function createOutput(json: boolean, stream: NodeJS.WriteStream = process.stdout): Output {
  return {
    json,
    interactive: !json && stream.isTTY === true && process.stderr.isTTY === true && process.env.TERM !== 'dumb',
    emit(document, text) {
      if (json) stream.write(`${JSON.stringify(document)}\n`);
      else if (text !== undefined) stream.write(`${text}\n`);
    },
  };
}
