/** The console: server-rendered pages over the read model, and what a person may do from them. */
export { ACCOUNT_NAME_RULE, accountName } from './access/account-name.ts';
export { newSignInLink } from './access/link.ts';
export type { AccessOptions, OidcOptions } from './access/options.ts';
export { faultOfPassword, hashPassword } from './access/password.ts';
export { sessionTimes } from './access/session.ts';
export { writeDown } from './access/write-down.ts';
export { consolePages } from './console-pages.ts';
export type { ConsoleContext, ConsoleLogger } from './context.ts';
export type { LeadToTakeUp, TakeUpLead } from './leads/take-up-lead.ts';
export type { SandboxControl } from './sandbox/control.ts';
