/** `executive_sponsor` → `executive sponsor` */
export function roleWords(role: string): string {
  return role.replaceAll('_', ' ');
}

/** "a", "a and b", "a, b and c" */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}
