/** Which pictures are taken, of which page, and how much of it. */
export const PICTURES = [
  { name: 'console-overview', path: '/', height: 1400 },
  { name: 'console-overview-dark', path: '/', height: 1400, isDark: true },
  { name: 'console-overview-phone', path: '/', height: 1500, isPhone: true },
  { name: 'console-kickoff', path: '/kickoffs/kickoff%3A5012345678', height: 1900 },
];
