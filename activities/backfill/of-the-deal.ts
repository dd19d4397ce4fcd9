import { isGrpcServiceError } from '@temporalio/client';

const GRPC_INVALID_ARGUMENT = 3;

/**
 * Whether an error lies in the one deal and would come again with it: data that PostgreSQL does not take (SQLSTATE
 * classes 22 and 23), an argument that Temporal does not take, a fault of the program's. Everything else passes.
 */
export function isOfTheDeal(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError) return true;
  if (!(error instanceof Error)) return false;
  if (isGrpcServiceError(error)) return error.code === GRPC_INVALID_ARGUMENT;
  if ('code' in error && typeof error.code === 'string' && /^2[23][0-9A-Z]{3}$/.test(error.code)) return true;
  return error.cause !== undefined && isOfTheDeal(error.cause);
}
