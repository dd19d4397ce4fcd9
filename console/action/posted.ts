import type { FastifyRequest } from 'fastify';
import type { Action, Posted, PostedFile } from './action.ts';

/** Bytes of a form without files: fifty people with names and addresses need a tenth of it. */
export const FORM_BYTES = 65_536;
/** Fields of a form with files, and files: more is nobody's form. */
const FIELDS = 50;
const FILES = 2;
/** A list longer than this is cut: no form of the console has so many boxes of one name. */
const VALUES = 500;

/** A form that cannot be taken; answered as a page of its own. */
export class BadForm extends Error {
  override readonly name = 'BadForm';
  readonly code = 'bad_form';
  readonly statusCode: number;
  constructor(statusCode: 400 | 413 | 415, message: string, options?: ErrorOptions) {
    super(message, options);
    this.statusCode = statusCode;
  }
}

/**
 * What a form has sent. Nothing of it is checked but its size and shape: everything is a text, several of them, or a file.
 *
 * @throws {BadForm} when it is no form, or too big
 */
export async function readPosted(
  request: FastifyRequest,
  action: Pick<Action, 'upload' | 'maxBytes'>,
): Promise<Posted> {
  if (!request.isMultipart()) return textsOf(request.body);
  if (action.upload !== true) throw new BadForm(415, 'This form takes no files');
  const maxBytes = action.maxBytes ?? FORM_BYTES;
  const limits = { fileSize: maxBytes, files: FILES, fields: FIELDS, fieldSize: FORM_BYTES, parts: FIELDS + FILES };
  try {
    return await partsOf(request, limits, maxBytes);
  } catch (error) {
    // What the parser says of a form that was cut off or is none has no status of its own.
    if (error instanceof Error && 'statusCode' in error) throw error;
    throw new BadForm(400, 'The form did not arrive whole: send it again', { cause: error });
  }
}

async function partsOf(
  request: FastifyRequest,
  limits: { fileSize: number; files: number; fields: number; fieldSize: number; parts: number },
  maxBytes: number,
): Promise<Posted> {
  const read = new Map<string, string | PostedFile>();
  let bytes = 0;
  for await (const part of request.parts({ limits })) {
    if (part.type === 'file') {
      const file = { name: part.filename ?? '', bytes: await part.toBuffer() };
      bytes += file.bytes.length;
      // A field of a file that nobody has chosen is sent empty and without a name.
      if (file.name !== '' || file.bytes.length > 0) read.set(part.fieldname, file);
    } else {
      if (part.valueTruncated) throw new BadForm(413, `A field of this form takes at most ${FORM_BYTES} bytes`);
      bytes += Buffer.byteLength(String(part.value));
      read.set(part.fieldname, storable(part.fieldname, String(part.value)));
    }
    if (bytes > maxBytes + FORM_BYTES) throw new BadForm(413, `This form takes at most ${maxBytes} bytes`);
  }
  return Object.fromEntries(read);
}

/** Texts of a query or an urlencoded body. */
export function textsOf(source: unknown): Posted {
  if (typeof source !== 'object' || source === null) return {};
  const entries = Object.entries(source).flatMap(([name, value]): [string, string | string[]][] => {
    if (typeof value === 'string') return [[name, storable(name, value)]];
    if (!Array.isArray(value)) return [];
    const texts = value.slice(0, VALUES).filter((each) => typeof each === 'string');
    return [[name, texts.map((each) => storable(name, each))]];
  });
  return Object.fromEntries(entries);
}

/**
 * PostgreSQL's text has no NUL, and nobody types one. What something is done to stays as it came: an id that cannot be is
 * nobody's, not a similar one.
 */
function storable(name: string, text: string): string {
  return name === 'on' ? text : text.replaceAll('\0', '\uFFFD');
}

/** A field that is one text; the first of several. Trimmed; empty when there is none. */
export function textIn(posted: Posted, name: string): string {
  const value = posted[name];
  if (typeof value === 'string') return value.trim();
  return Array.isArray(value) ? String(value[0] ?? '').trim() : '';
}

/** Whether a checkbox was ticked. */
export function isTicked(posted: Posted, name: string): boolean {
  return textIn(posted, name) !== '';
}

/** Whether the form itself was sent: a box that is not ticked is not in it, and is not to be ticked again. */
export function wasSent(posted: Posted): boolean {
  return posted.attempt !== undefined;
}
