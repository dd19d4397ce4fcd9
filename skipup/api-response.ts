/** The answer as it came, beside what was read out of it. */
export interface SkipUpResponse {
  /** HTTP status. */
  status: number;
  /** The answer's headers; names in any case. */
  headers: Headers;
  /** `X-Request-Id`, for SkipUp's support. */
  requestId: string | undefined;
  /** The body as text, before it was parsed; empty when there was none. */
  text: string;
  /** How many requests the call took in all: repeats, and looks at what a lost one had done, included. */
  attempts: number;
}

/** What was read, and the answer that it was read from. */
export interface WithResponse<T> {
  data: T;
  response: SkipUpResponse;
}

/** @param answer.headers - as undici reads them, names in lower case */
export function responseOf(
  answer: Omit<SkipUpResponse, 'headers'> & { headers: Record<string, string | string[] | undefined> },
): SkipUpResponse {
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers)) {
    // One character a byte, as fetch has it and undici reads it.
    for (const line of [value ?? []].flat()) headers.append(name, line);
  }
  return { ...answer, headers };
}
