import type { ConsoleRole } from '../../database/index.ts';
import type { OidcOptions } from './options.ts';

type Claims = Readonly<Record<string, unknown>>;

/**
 * Which role a provider's claims give somebody; nobody has one by default.
 *
 * @param claims as the provider has signed them
 */
export function roleOf(
  claims: Claims,
  { roleClaim, operators, viewers }: Pick<OidcOptions, 'roleClaim' | 'operators' | 'viewers'>,
): ConsoleRole | undefined {
  if (roleClaim === 'email' && !isVerified(claims)) return undefined;
  const values = valuesOf(claimOf(claims, roleClaim));
  if (values.some((value) => operators.includes(value))) return 'operator';
  return values.some((value) => viewers.includes(value)) ? 'viewer' : undefined;
}

/** A claim by its own name, which may have dots in it (`https://example.com/roles`); else as a path. */
export function claimOf(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name.split('.').reduce<unknown>((value, part) => (isRecord(value) ? value[part] : undefined), claims);
}

/**
 * At many providers people write into their account whatever address they like (OpenID Connect Core 1.0, 5.7): only one that
 * the provider has verified says who somebody is. Some say so as a text.
 */
function isVerified({ email_verified: verified }: Claims): boolean {
  return verified === true || verified === 'true';
}

function isRecord(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function valuesOf(claim: unknown): string[] {
  const list: unknown[] = Array.isArray(claim) ? claim : [claim];
  return list.filter((value): value is string => typeof value === 'string');
}
