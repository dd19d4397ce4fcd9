const FORM = /^[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?$/;
/** The digits of the three checking characters, five bits each. */
const CHECK_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/**
 * A record's id in its form of 18 characters, so that one record has one id.
 *
 * Salesforce writes ids with 15 characters, where upper and lower case differ, and with 18, where the last three say which
 * of the 15 are upper case (one character for five, the first one being the lowest bit).
 *
 * @returns undefined for what is no id: another length, other characters, or checking characters that do not match. What is
 *   returned holds letters and digits alone and can stand in SOQL and in a path.
 */
export function parseRecordId(text: string): string | undefined {
  if (!isRecordId(text)) {
    return undefined;
  }
  const short = text.slice(0, 15);
  const full = short + checkingCharacters(short);
  return text.length === 15 || text.slice(15).toUpperCase() === full.slice(15) ? full : undefined;
}

/** Whether the text has the form of a record's id, whatever its checking characters. */
export function isRecordId(text: string): boolean {
  return FORM.test(text);
}

function checkingCharacters(short: string): string {
  return [0, 5, 10].map((start) => CHECK_DIGITS.charAt(upperCaseBits(short.slice(start, start + 5)))).join('');
}

function upperCaseBits(five: string): number {
  return [...five].reduce((bits, character, index) => (/[A-Z]/.test(character) ? bits | (1 << index) : bits), 0);
}
