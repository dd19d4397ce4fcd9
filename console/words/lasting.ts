const MINUTES_IN_DAY = 1_440;

/** How long something took or has lasted, as short as people say it: `12 min`, `5 h`, `3.4 days`. */
export function lasting(days: number): string {
  const minutes = Math.max(0, days * MINUTES_IN_DAY);
  if (minutes < 1) return 'less than a minute';
  if (minutes < 90) return `${Math.round(minutes)} min`;
  if (minutes < 2 * MINUTES_IN_DAY) return `${Math.round(minutes / 60)} h`;
  return days < 9.95 ? `${days.toFixed(1)} days` : `${Math.round(days)} days`;
}

/** How long ago that was; what lies ahead is now. */
export function since(at: Date, now: Date): string {
  return lasting((now.getTime() - at.getTime()) / 86_400_000);
}
