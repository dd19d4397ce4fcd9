import { INBOX_COUNTED } from '../../database/index.ts';

/** A count that was stopped: beyond it says no more than that. */
export function atMost(count: number, most = INBOX_COUNTED): string {
  return count > most ? `more than ${whole(most)}` : whole(count);
}

export function whole(count: number): string {
  return count.toLocaleString('en');
}
