/** What is known here of the evidence behind models: a badge beside the name of what is synthetic. */
import { make } from './elements.ts'
import { syntheticModels } from './read-models.ts'

let known: ReadonlySet<string> = new Set()

/** The models that are known to be synthetic. */
export const synthetic = (): ReadonlySet<string> => known

/** Takes the list of models, as it was answered. */
export const learnEvidence = (answer: unknown): void => {
  known = syntheticModels(answer)
}

/** `null` for a model with real evidence, and while nothing is known. */
export const badgeOf = (model: string): HTMLElement | null =>
  known.has(model)
    ? make('span', { class: 'tag', title: 'It has learned from what was made up: its manifest says so.' }, 'synthetic')
    : null
