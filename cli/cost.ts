import type { temporal } from '@temporalio/proto';

type History = temporal.api.history.v1.IHistory;

export interface HistoryCost {
  /** History events. */
  events: number;
  /** Billable actions, as Temporal Cloud counts them. */
  actions: number;
}

/**
 * What a workflow has cost, read off its history. An action is: the start, a signal, an update, a timer, an activity and
 * each of its retries, a change of search attributes, and the local activities of one workflow task together. Source:
 * Temporal's documentation, "actions".
 */
export function costOf(history: History): HistoryCost {
  const events = history.events ?? [];
  const tasksWithLocalActivities = new Set<string>();
  let actions = 0;
  for (const event of events) {
    if (event.markerRecordedEventAttributes?.markerName === 'core_local_activity') {
      tasksWithLocalActivities.add(String(event.markerRecordedEventAttributes.workflowTaskCompletedEventId));
    }
    if (event.activityTaskStartedEventAttributes) {
      actions += Math.max(0, (event.activityTaskStartedEventAttributes.attempt ?? 1) - 1);
    }
    if (
      event.workflowExecutionStartedEventAttributes ||
      event.workflowExecutionSignaledEventAttributes ||
      event.workflowExecutionUpdateAcceptedEventAttributes ||
      event.activityTaskScheduledEventAttributes ||
      event.timerStartedEventAttributes ||
      event.upsertWorkflowSearchAttributesEventAttributes
    ) {
      actions += 1;
    }
  }
  return { events: events.length, actions: actions + tasksWithLocalActivities.size };
}
