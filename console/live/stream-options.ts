/** How often the database is looked at, in milliseconds. */
export interface Pace {
  /** While something happens. */
  busyMs: number;
  /** Where nothing has happened for a while. */
  quietMs: number;
  /** While the database does not answer. */
  brokenMs: number;
}

/** How pages that are open are told what changes. */
export interface StreamOptions {
  /** So many streams has one session: its tabs that are looked at. */
  bySession: number;
  /** So many has one process. */
  inAll: number;
  /** A comment is sent so often, in milliseconds: proxies give up what is silent for a minute. */
  beatMs: number;
  /** So often it is looked whether the session still stands, in milliseconds. */
  recheckMs: number;
  pace: Pace;
}

export const STREAM_DEFAULTS: StreamOptions = {
  bySession: 12,
  inAll: 500,
  beatMs: 15_000,
  recheckMs: 60_000,
  pace: { busyMs: 1_000, quietMs: 3_000, brokenMs: 30_000 },
};
