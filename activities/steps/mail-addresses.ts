import { ApplicationFailure } from '@temporalio/activity';
import { z } from 'zod';
import type { StepFacts } from '../contract.ts';
import type { StepContext } from './kind.ts';

export interface MailAddress {
  name: string;
  address: string;
}

/** `a@example.com`, or `Jamie Chen <a@example.com>`. */
const ENTRY = /^(?:"?([^"<>]*?)"?\s*<([^<>]+)>|([^<>\s]+))$/;

/** What would end a name or an address and begin another. */
const ENDS = /[<>,;"\p{Cc}]+/gu;

/**
 * The addresses of an option of a step, its templates filled in. A template that stands alone between commas may give several
 * addresses. A value within a name or within brackets is a part of that one entry, whatever it holds: people choose their
 * names themselves when they fill in a form.
 *
 * @param field the step's option, for the message
 * @throws ApplicationFailure, not retryable, that names what is no address
 */
export function addressesOf(option: string, text: StepContext['text'], field: string): MailAddress[] {
  const entries = option.split(/[,;]/).flatMap((entry) => {
    const isAlone = /^\s*\{\{[^{}]*\}\}\s*$/.test(entry);
    const filled = isAlone ? text(entry) : text(entry, (value) => value.replace(ENDS, ' ')).replace(/\s+/g, ' ');
    return mailAddresses(filled, field);
  });
  return onlyOnce(entries);
}

/**
 * The addresses in a text: one, or several separated by commas. Each once, whatever its case.
 *
 * @param field the step's option, for the message
 * @throws ApplicationFailure, not retryable, that names what is no address
 */
export function mailAddresses(text: string, field: string): MailAddress[] {
  const entries = text
    .split(/[,;]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => addressIn(entry, field));
  return onlyOnce(entries);
}

export function onlyOnce(addresses: readonly MailAddress[]): MailAddress[] {
  const byAddress = new Map(addresses.map((entry) => [entry.address.toLowerCase(), entry]));
  return [...byAddress.values()];
}

function addressIn(entry: string, field: string): MailAddress {
  const [, name, inBrackets, bare] = ENTRY.exec(entry) ?? [];
  const address = (inBrackets ?? bare ?? '').trim();
  // A line's end in an address or a name would begin a header of its own.
  if (/\p{Cc}/u.test(entry) || !z.email().safeParse(address).success) {
    throw ApplicationFailure.nonRetryable(
      `${field}: ${JSON.stringify(entry.slice(0, 100))} is no e-mail address. Correct the step or what it is filled from, then retry it.`,
      'Email.address',
    );
  }
  return { name: (name ?? '').trim(), address };
}

/** Addresses that the facts say want no mail, lower-cased. */
export function optedOut({ deal, lead }: StepFacts): Set<string> {
  const contacts = (deal?.contacts ?? []).filter((contact) => contact.optedOut).map(({ email }) => email ?? '');
  const leads = lead?.optedOut === true ? [lead.email] : [];
  return new Set([...contacts, ...leads].map((address) => address.trim().toLowerCase()));
}
