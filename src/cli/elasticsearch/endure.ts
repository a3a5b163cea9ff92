/** What an endless stream survives, and what ends it. */
import { SourceFailure } from '../featurize/source.ts'
import { ServerFailure } from './failure.ts'
import type { OpenIndex } from './sources.ts'

/** Returns when the stream may look again later, after telling why it could not now. Throws what ends it; a ServerFailure as a SourceFailure. */
export const endure = (
  error: unknown,
  { server, selection }: OpenIndex,
  isEndless: boolean,
  notice: (message: string) => void,
): void => {
  if (!(error instanceof ServerFailure)) throw error
  const said = `${server.url}/${selection.index}: ${error.message}`
  if (!isEndless || !error.isPassing) {
    throw new SourceFailure(`${said}; the checkpoint holds what was delivered before`, { cause: error })
  }
  notice(`${said}; looking again later`)
}
