/** The strings of the sandbox that runs beside the console in `kickoff dev`; the command line's own calls over HTTP. */
export interface SandboxControl {
  /** Calls `/_sandbox<path>`. @returns the parsed answer @throws Error with the sandbox's sentence */
  call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
  /** Where it answers, to be shown. */
  url: string;
  /** A deal of the example that a button closes, and a lead that a button lets fill in a form. */
  samples: { dealId: string; leadId: string };
  /**
   * What happens in the sandbox is in no database: whoever keeps pages up to date (topic `sandbox`, see `live/`) listens here.
   * The listener is called at once and for everything, often many times in a second; it must not throw. To be told of what
   * the console's own buttons change (clock, faults), too: they tell it themselves by `notify`.
   */
  changes: {
    /** @returns what ends it */
    subscribe(listener: () => void): () => void;
    notify(): void;
  };
}
