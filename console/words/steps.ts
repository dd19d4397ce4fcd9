/** What the ledger's words for steps are called here; a word of a newer version is shown as it is. */
const KINDS = new Map([
  ['crm_status', 'CRM status'],
  ['crm_note', 'CRM note'],
  ['crm_task', 'CRM task'],
  ['slack', 'Slack message'],
  ['slack_message', 'Slack message'],
  ['email', 'mail'],
  ['linear_project', 'Linear project'],
  ['http', 'HTTP call'],
  ['workflow', 'workflow'],
  ['own', 'own kind'],
]);

const LISTS = new Map([
  ['on_won', 'when the deal closed'],
  ['on_requested', 'when the meeting was requested'],
  ['on_follow_up', 'at a follow-up'],
  ['on_ghosted', 'when nobody answered'],
  ['on_booked', 'when the meeting was booked'],
  ['on_booked_elsewhere', 'when the lead booked elsewhere'],
  ['on_organizer_changed', 'when the organizer changed'],
  ['on_cancelled', 'when it was cancelled'],
  ['on_expired', 'when the window went by'],
  ['on_attention', 'when it needed a person'],
]);

export function stepKind(kind: string): string {
  return KINDS.get(kind) ?? kind;
}

/** When the list runs, in words. */
export function stepList(list: string): string {
  return LISTS.get(list) ?? list;
}
