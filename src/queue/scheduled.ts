/** The cron trigger: each ten minutes the archive is tended. */

/** What its work is done by. */
export interface Tender {
  run(): Promise<void>
}

/** A run that failed in part rejects, so that the platform shows it as failed; the next one goes on. */
export const createScheduled =
  (tenderFor: (env: object) => Tender) =>
  (_: unknown, env: object): Promise<void> =>
    tenderFor(env).run()
