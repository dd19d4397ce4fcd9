import type { PasswordCost } from './password.ts';

/** Who may sign in, and for how long. */
export interface AccessOptions {
  /** Nobody may change anything, whatever their role. */
  readOnly: boolean;
  /** A session ends so many hours after it began. */
  sessionHours: number;
  /** It ends after so many hours in which nothing was asked for. */
  idleHours: number;
  /** Cookies are sent over TLS only. */
  secureCookies: boolean;
  /** Where browsers find the console: in one-time links, and what `Origin` may be where a proxy changes `Host`. */
  publicUrl?: string | undefined;
  /** Sign-in at an identity provider; undefined: local accounts alone. */
  oidc?: OidcOptions | undefined;
  /** In `kickoff dev`: shows a new one-time link in the terminal. */
  showLink?: ((link: string) => void) | undefined;
  /** What hashing a password costs; default `PASSWORD_COST`. */
  passwordCost?: PasswordCost | undefined;
  limits?: Partial<SignInLimits> | undefined;
}

/** How often anybody may try to sign in. */
export interface SignInLimits {
  /** From one address, in {@link windowMs}. */
  byAddress: number;
  /** With one name, in {@link windowMs}, from however many addresses. */
  byName: number;
  windowMs: number;
}

export const SIGN_IN_LIMITS: SignInLimits = { byAddress: 100, byName: 10, windowMs: 15 * 60_000 };

export interface OidcOptions {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Where the provider sends people back to: `<public URL>/sign-in/oidc/callback`. */
  redirectUri: string;
  scopes: readonly string[];
  /** As the sign-in page calls it. */
  label: string;
  /** The claim that says who may what: a text or a list of texts, such as groups. */
  roleClaim: string;
  /** Values of that claim; operators may do what viewers may. */
  operators: readonly string[];
  viewers: readonly string[];
}
