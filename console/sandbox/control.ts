/** The strings of the sandbox that runs beside the console in `kickoff dev`; the command line's own calls over HTTP. */
export interface SandboxControl {
  /** Calls `/_sandbox<path>`. @returns the parsed answer @throws Error with the sandbox's sentence */
  call(method: 'GET' | 'POST' | 'DELETE' | 'PUT', path: string, body?: unknown): Promise<unknown>;
  /** Where it answers, to be shown. */
  url: string;
  /** A deal of the example that a button closes, and a lead that a button lets fill in a form. */
  samples: { dealId: string; leadId: string };
}
