import type { ConsoleRole } from '../database/schema.ts';

/** Who is signed in. */
export interface Viewer {
  /** Who, for ever, as the audit log has them: `account:ada`, `oidc:<issuer> <sub>`, `link:<name>`. */
  subject: string;
  /** As they are shown. */
  name: string;
  role: ConsoleRole;
}

/** One request of somebody who is signed in: all that a page depends on besides its own data. */
export interface Visit {
  viewer: Viewer;
  /** Whether they may change anything here; when not, why not. */
  may: 'act' | 'only look: viewer' | 'only look: read-only';
  /** What every form must carry; see `action/form.ts`. */
  csrfToken: string;
  /** IANA zone in which times are shown: the browser's, once it has said so; before that UTC. */
  zone: string;
  /** Where the Temporal UI shows this namespace. */
  temporalUi?: string | undefined;
  /** The sandbox has its page here (`kickoff dev`). */
  hasSandbox: boolean;
  /** Leads are recovered here, or have been. */
  hasLeads: boolean;
  /** What became of the action that led to this page. */
  answer?: Answer | undefined;
}

/** What an action came to, in words. */
export interface Answer {
  /** Undefined: not known yet. */
  outcome: 'done' | 'refused' | 'failed' | undefined;
  sentence: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any page of the console is made, but for those of signing in; see `access/`. */
    visit: Visit;
  }
}
