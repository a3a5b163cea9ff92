/** How far values were from the true ones, in their own unit. */

export interface ValueAccuracy {
  readonly kind: 'value'
  readonly outcomes: number
  /** Sums of said − true, of its absolute value and of its square. */
  readonly error_sum: number
  readonly absolute_sum: number
  readonly square_sum: number
  readonly unlike: number
}

/** Of one outcome. */
export const valueAccuracy = (said: number, actual: number): ValueAccuracy => {
  const error = said - actual
  return {
    kind: 'value',
    outcomes: 1,
    error_sum: error,
    absolute_sum: Math.abs(error),
    square_sum: error ** 2,
    unlike: 0,
  }
}

export const mergeValue = (a: ValueAccuracy, b: ValueAccuracy): ValueAccuracy => ({
  kind: 'value',
  outcomes: a.outcomes + b.outcomes,
  error_sum: a.error_sum + b.error_sum,
  absolute_sum: a.absolute_sum + b.absolute_sum,
  square_sum: a.square_sum + b.square_sum,
  unlike: a.unlike + b.unlike,
})

/** `outcomes` must not be 0. */
export const valueReport = ({ outcomes, error_sum, absolute_sum, square_sum }: ValueAccuracy) => ({
  /** All in the unit of the output; a bias above 0 says that too much was foretold. */
  mean_absolute_error: absolute_sum / outcomes,
  root_mean_squared_error: Math.sqrt(square_sum / outcomes),
  bias: error_sum / outcomes,
})
