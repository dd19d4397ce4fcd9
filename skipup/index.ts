/** A client for SkipUp's API, its schemas and errors, and the verification of its webhooks. */
export type { SkipUpResponse, WithResponse } from './api-response.ts';
export type { CallOptions, ListOptions } from './call-options.ts';
export { DEFAULT_BASE_URL, DEFAULT_TIMEOUTS, SkipUpClient, type SkipUpClientOptions } from './client.ts';
export type { Drift } from './drift.ts';
export * from './errors.ts';
export { type KnownWebhookEvent, knownWebhookEvent } from './known-webhook-event.ts';
export type { CreateOptions, MeetingRequests } from './meeting-requests.ts';
export { PagePace } from './page-pace.ts';
export { type Page, PagedList } from './paged-list.ts';
export { DEFAULT_RETRY, type RetryOptions } from './retry.ts';
export * from './schemas.ts';
export { type SignWebhookOptions, signWebhook } from './sign-webhook.ts';
export { SkipUpPromise } from './skipup-promise.ts';
export type { SkipUpSpan, SkipUpTracer } from './tracing.ts';
export type { RequestInfo, ResponseInfo, Timeouts } from './transport.ts';
export {
  DEFAULT_TOLERANCE,
  type VerifiedWebhook,
  type VerifyWebhookOptions,
  verifiedWebhook,
  verifyWebhook,
  type WebhookTolerance,
} from './verify-webhook.ts';
export { webhookDedupeKey, webhookDedupeKeyOf } from './webhook-dedupe-key.ts';
export type { WebhookEndpoints } from './webhook-endpoints.ts';
export { WebhookVerificationError, type WebhookVerificationErrorCode } from './webhook-verification-error.ts';
export type { WorkspaceMembers } from './workspace-members.ts';
