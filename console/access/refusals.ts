import { html, type Markup } from '../page/html.ts';
import { barePage, messagePage } from '../page/layout.ts';
import type { Visit } from '../visit.ts';
import { TooBusy } from './at-one-time.ts';
import { FormRefused } from './check-form.ts';

/** Somebody has tried too often. */
export class TooManyAttempts extends Error {
  override readonly name = 'TooManyAttempts';
  readonly code = 'too_many_attempts';
  readonly statusCode = 429;
  /** After so many they may try again. */
  readonly seconds: number;
  constructor(seconds: number) {
    super(`Too many attempts to sign in. Try again in ${inWords(seconds)}.`);
    this.seconds = seconds;
  }
}

export interface RefusalPage {
  status: number;
  page: Markup;
  retryAfterSeconds?: number;
}

/** The page for what this part refuses; undefined when the error is another's. */
export function refusalPage(error: Error, visit: Visit | undefined): RefusalPage | undefined {
  if (error instanceof FormRefused) {
    const title = 'That was not taken';
    const page = visit === undefined ? signInAgain(title, error.message) : messagePage(visit, title, error.message);
    return { status: error.statusCode, page };
  }
  if (error instanceof TooManyAttempts) {
    return {
      status: error.statusCode,
      page: signInAgain('Not so fast', error.message),
      retryAfterSeconds: error.seconds,
    };
  }
  if (error instanceof TooBusy) {
    const sentence = `${error.message} Try again in a few seconds.`;
    return { status: error.statusCode, page: signInAgain('Too busy', sentence), retryAfterSeconds: 5 };
  }
  return undefined;
}

function signInAgain(title: string, sentence: string): Markup {
  return barePage(title, html`<h1>${title}</h1>\n<p>${sentence}</p>\n<p><a href="/sign-in">To the sign-in</a></p>`);
}

function inWords(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  if (seconds < 60) return seconds === 1 ? 'a second' : `${seconds} seconds`;
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}
