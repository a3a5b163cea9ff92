/** Finds in the list of models those that have learned from what was made up. */

interface Listed {
  readonly name?: unknown
  readonly manifest?: { readonly evidence?: unknown } | null
}

/** Their names; an answer of another form names none. */
export const syntheticModels = (answer: unknown): ReadonlySet<string> => {
  const isList = typeof answer === 'object' && answer !== null && 'models' in answer && Array.isArray(answer.models)
  const models: readonly (Listed | null)[] = isList ? (answer.models as readonly (Listed | null)[]) : []
  return new Set(
    models.flatMap((model) =>
      typeof model?.name === 'string' && model.manifest?.evidence === 'synthetic' ? [model.name] : [],
    ),
  )
}
