/** What an endless stream survives, and what ends it. */
import { SourceFailure } from '../featurize/source.ts'
import { ServerFailure } from './failure.ts'
import type { FollowOptions } from './follow-options.ts'
import type { OpenIndex } from './sources.ts'

/** Returns when the stream may look again later, after telling why it could not now. Throws what ends it; a ServerFailure as a SourceFailure. */
export const endure = (
  error: unknown,
  { server, selection }: OpenIndex,
  { isEndless, checkpoint }: Pick<FollowOptions, 'isEndless' | 'checkpoint'>,
  notice: (message: string) => void,
): void => {
  if (!(error instanceof ServerFailure)) throw error
  const said = `${server.url}/${selection.index}: ${error.message}`
  if (!isEndless || !error.isPassing) {
    const remedy = checkpoint === undefined ? '' : '; the checkpoint holds what was delivered before'
    throw new SourceFailure(said + remedy, { cause: error })
  }
  notice(`${said}; looking again later`)
}
