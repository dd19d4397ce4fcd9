/** Where the script hears what has changed. */
export const LIVE_PATH = '/live';

/**
 * The script asks for a page again with this header: nobody need be there for that, so it keeps no session from ending, and
 * whoever is signed out is told so instead of being led to the sign-in.
 */
export const REFRESH_HEADER = 'x-kickoff-refresh';
