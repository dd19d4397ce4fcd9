import { z } from 'zod';

export const transcriptLineSchema = z.object({
  /** ISO 8601, whole seconds. */
  at: z.string(),
  from: z.string(),
  to: z.array(z.string()).optional(),
  text: z.string(),
});
export type TranscriptLine = z.infer<typeof transcriptLineSchema>;

const PIECE_BYTES = 1024;
const SLAB_BYTES = 64 * 1024;
const linesSchema = z.array(transcriptLineSchema);

let slab = Buffer.alloc(0);

/** Room for a few lines, cut from a larger piece: tens of thousands of small allocations cost more than what is in them. */
function pieceFor(bytes: number): Buffer {
  if (bytes > PIECE_BYTES) return Buffer.allocUnsafeSlow(bytes);
  if (slab.length < PIECE_BYTES) slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  const piece = slab.subarray(0, PIECE_BYTES);
  slab = slab.subarray(PIECE_BYTES);
  return piece;
}

/**
 * What was said in one conversation: lines of JSON in bytes of their own. A workspace holds a dozen lines for each of its
 * meeting requests and reads them seldom; as objects they would be half of its memory.
 */
export class Transcript {
  readonly #pieces: { bytes: Buffer; used: number }[] = [];

  constructor(lines: readonly TranscriptLine[] = []) {
    for (const line of lines) this.push(line);
  }

  push(line: TranscriptLine): void {
    const text = `${this.#pieces.length === 0 ? '' : ','}${JSON.stringify(line)}`;
    const length = Buffer.byteLength(text);
    let piece = this.#pieces.at(-1);
    if (piece === undefined || piece.used + length > piece.bytes.length) {
      piece = { bytes: pieceFor(length), used: 0 };
      this.#pieces.push(piece);
    }
    piece.used += piece.bytes.write(text, piece.used);
  }

  /** Every line, the oldest first. */
  lines(): TranscriptLine[] {
    return linesSchema.parse(JSON.parse(this.text()));
  }

  /** The lines as JSON, as `JSON.stringify` would write them. */
  text(): string {
    return `[${this.#pieces.map(({ bytes, used }) => bytes.toString('utf8', 0, used)).join('')}]`;
  }

  /** As JSON a transcript is its lines. */
  toJSON(): TranscriptLine[] {
    return this.lines();
  }
}

export const transcriptSchema = linesSchema.transform((lines) => new Transcript(lines));
