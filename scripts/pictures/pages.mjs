import { dealOf } from './accounts.mjs';

/** Which pictures are taken, of which page, and how much of it. */
export const PICTURES = [
  { name: 'console-overview', path: '/', height: 1590 },
  { name: 'console-overview-dark', path: '/', height: 1590, isDark: true },
  { name: 'console-overview-phone', path: '/', height: 1100, isPhone: true },
  { name: 'console-kickoff', path: `/kickoffs/kickoff%3A${dealOf('granite').id}`, height: 1280 },
];
