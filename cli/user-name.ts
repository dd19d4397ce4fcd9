import { userInfo } from 'node:os';

/** Who sits at this machine, for a record of who did something. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have no name.
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
