import { isUtf8 } from 'node:buffer';
import type { ImportFault } from './raw-entry.ts';

/** A registry of a hundred thousand people has about this size; more is a mistake. In bytes. */
export const MAX_REGISTRY_BYTES = 20_000_000;

const ADVICE = 'save the file as UTF-8 (in Excel: “CSV UTF-8”)';

/** A file's bytes as text. It must be UTF-8: any other guess would write somebody's name wrongly. */
export function decodeRegistry(bytes: Uint8Array): { text: string; faults: ImportFault[] } {
  const fault = (line: number, message: string) => ({ text: '', faults: [{ line, message }] });
  if (bytes.length > MAX_REGISTRY_BYTES) {
    return fault(1, `the file is over ${MAX_REGISTRY_BYTES / 1_000_000} MB: split it`);
  }
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return fault(1, `the file is in UTF-16: ${ADVICE}`);
  }
  if (first === 0x50 && second === 0x4b && bytes[2] === 0x03) {
    return fault(1, 'the file is a workbook or another archive: export its sheet as CSV UTF-8');
  }
  if (!isUtf8(bytes)) return { text: '', faults: linesNotUtf8(bytes) };
  const text = new TextDecoder('utf-8').decode(bytes);
  const nul = text.indexOf('\0');
  if (nul !== -1) return fault(text.slice(0, nul).split('\n').length, `a character that is no text (NUL): ${ADVICE}`);
  return { text, faults: [] };
}

function linesNotUtf8(bytes: Uint8Array): ImportFault[] {
  const faults: ImportFault[] = [];
  let line = 1;
  for (let start = 0; start <= bytes.length; line += 1) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    if (!isUtf8(bytes.subarray(start, end))) faults.push({ line, message: `characters that are not UTF-8: ${ADVICE}` });
    start = end + 1;
  }
  return faults;
}
