/** The bundled versions, which are always there, and the published ones behind them. */

import type { VersionObjects } from '../serving/ports/version-objects.ts'
import type { ModelRepository } from '../serving/ports.ts'

/**
 * Lists what is bundled; `load` also finds what was published, which only asking can tell. A version that is bundled is never looked for
 * elsewhere.
 */
export const combinedModels = <Bundled extends ModelRepository>(
  bundled: Bundled,
  published: VersionObjects,
): Bundled => ({
  ...bundled,
  load: async (model, version, deadline) =>
    (await bundled.load(model, version, deadline)) ?? published.load(model, version, deadline),
})
