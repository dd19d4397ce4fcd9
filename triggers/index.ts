/** The triggers room: the HTTP receivers in front of the inbox, and the relay behind it. */
export { dealOpenApi } from './deal-openapi.ts';
export { dealPayloadOf } from './deal-payload.ts';
export type { SignalClient, StartKickoff } from './delivery.ts';
export { TRIGGER_ERRORS, type TriggerErrorCode } from './errors.ts';
export type { OnTriggerEvent, TriggerEvent } from './events.ts';
export { formOpenApi } from './form-openapi.ts';
export { ListenError, type ListenErrorCode, listen } from './listen.ts';
export { createRelay, type Relay, type RelayOptions } from './relay.ts';
export { createTriggerServer, type TriggerServerOptions } from './server.ts';
