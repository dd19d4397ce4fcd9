/** What a limit is measured by: a workspace. */
interface Counted {
  state: { settings: { crmSearchesPerSecond: number } };
  /** The wall clock, in ms. */
  real(): number;
}

/** When the last searches of a namespace's CRM came, in real ms. */
const searches = new WeakMap<Counted, number[]>();

/**
 * Counts a search against HubSpot's limit for them, which is measured on the wall's clock: HTTP is real, and a client's pace
 * is, too.
 *
 * @returns whether it may be answered
 */
export function countSearch(workspace: Counted): boolean {
  const limit = workspace.state.settings.crmSearchesPerSecond;
  if (limit === 0) return true;
  const now = workspace.real();
  const recent = (searches.get(workspace) ?? []).filter((at) => at > now - 1_000);
  const isAllowed = recent.length < limit;
  searches.set(workspace, isAllowed ? [...recent, now] : recent);
  return isAllowed;
}
