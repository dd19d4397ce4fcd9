import { extname } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Posted, PostedFile } from '../../action/action.ts';
import { isTicked } from '../../action/posted.ts';

/** A file of some 20,000 people. The command line takes larger ones, which would hold up everything else here. In bytes. */
export const MOST_BYTES = 2_000_000;
/** Of YAML, which takes far longer to read: some 10,000 people. In bytes. */
export const MOST_YAML_BYTES = 500_000;
/** A form with such a file in it: packed, then in 64 signs. */
export const FORM_WITH_CONTENT = 3_000_000;

/** What is to be imported. */
export interface ImportContent {
  bytes: Uint8Array;
  format: 'csv' | 'yaml';
  /** The file's name, for the history. */
  name: string;
  /** Whoever of its accounts is not in it is ended. */
  removeMissing: boolean;
}

/** @returns what somebody has chosen or pasted; a sentence when that is nothing that can be read */
export function contentIn(posted: Posted): ImportContent | string {
  const removeMissing = isTicked(posted, 'remove_missing');
  const { file, text } = posted;
  if (isFile(file)) {
    const name = oneLine(file.name);
    const format = formatOf(name);
    if (format === undefined) return 'Choose a .csv or .yaml file. Of a workbook, export the sheet as CSV UTF-8.';
    return tooLarge(file.bytes, format) ?? { bytes: file.bytes, format, name, removeMissing };
  }
  if (typeof text === 'string' && text.trim() !== '') {
    // A form sends every line's end as two characters; inside of a quoted cell that would be a change.
    const bytes = Buffer.from(text.replaceAll('\r\n', '\n'));
    const format = looksLikeYaml(text) ? 'yaml' : 'csv';
    return tooLarge(bytes, format) ?? { bytes, format, name: 'pasted text', removeMissing };
  }
  return 'Choose a file, or paste its text.';
}

export const TOO_LARGE = `That is more than ${MOST_BYTES / 1_000_000} MB. Import it with the command line: kickoff registry import <file>`;

function tooLarge({ length }: Uint8Array, format: ImportContent['format']): string | undefined {
  if (length > MOST_BYTES) return TOO_LARGE;
  if (format === 'csv' || length <= MOST_YAML_BYTES) return undefined;
  return `That is more than ${MOST_YAML_BYTES / 1_000} KB of YAML. Import it as CSV, or with the command line: kickoff registry import <file>`;
}

/** The fields that carry what was previewed to where it is imported: nothing is kept in between. */
export function carriedFields({ bytes, format, name, removeMissing }: ImportContent): Record<string, string> {
  return {
    content: gzipSync(bytes).toString('base64url'),
    format,
    file_name: name,
    remove_missing: removeMissing ? 'yes' : '',
  };
}

/** @returns undefined when the form carries nothing that could have been previewed */
export function carriedContent(posted: Posted): ImportContent | undefined {
  const { content, format, file_name: name } = posted;
  if (typeof content !== 'string' || content === '' || typeof name !== 'string') return undefined;
  if (format !== 'csv' && format !== 'yaml') return undefined;
  const bytes = unpacked(content);
  if (bytes === undefined || tooLarge(bytes, format) !== undefined) return undefined;
  return { bytes, format, name: oneLine(name), removeMissing: isTicked(posted, 'remove_missing') };
}

function unpacked(content: string): Uint8Array | undefined {
  try {
    return gunzipSync(Buffer.from(content, 'base64url'), { maxOutputLength: MOST_BYTES });
  } catch (error) {
    // Not packed by us, or made to unpack into more than there may be.
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

function formatOf(name: string): ImportContent['format'] | undefined {
  const extension = extname(name).toLowerCase();
  if (extension === '.csv') return 'csv';
  return extension === '.yaml' || extension === '.yml' ? 'yaml' : undefined;
}

function looksLikeYaml(text: string): boolean {
  return /^\uFEFF?(?:\s*(?:#.*)?\r?\n)*\s*(?:---\s*\r?\n\s*)?accounts\s*:/.test(text.slice(0, 10_000));
}

function oneLine(name: string): string {
  return name
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 100);
}

function isFile(value: Posted[string]): value is PostedFile {
  return typeof value === 'object' && 'bytes' in value;
}
