/**
 * Where the Temporal UI shows a workflow.
 *
 * @param namespaceUrl `http://host:port/namespaces/<namespace>`
 */
export function workflowUrl(namespaceUrl: string, workflowId: string): string {
  return `${namespaceUrl}/workflows/${encodeURIComponent(workflowId)}`;
}
