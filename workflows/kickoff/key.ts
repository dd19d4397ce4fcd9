/**
 * The idempotency key of a kickoff's meeting request: `impl:<deal>:kickoff:<date>`, with a workstream before the date
 * where a deal has several. From the second revision on the workstream carries the revision, because SkipUp would answer
 * the first key with the request that was cancelled. Source: SkipUp's guide to implementation kickoffs, "idempotency".
 *
 * @param date the day the revision was begun, `YYYY-MM-DD`, UTC; computed once and kept, never again from the clock
 */
export function kickoffKey(request: { dealId: string; workstream?: string; revision: number; date: string }): string {
  const revision = request.revision > 1 ? `r${request.revision}` : undefined;
  const stream = [request.workstream, revision].filter((part) => part !== undefined && part !== '').join('.');
  return stream === ''
    ? `impl:${request.dealId}:kickoff:${request.date}`
    : `impl:${request.dealId}:kickoff:${stream}:${request.date}`;
}
