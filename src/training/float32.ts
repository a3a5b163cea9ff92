/** Float32 numbers as people write them. */

/** The shortest decimal that is the same float32: 37.77 rather than 37.77000045776367. NaN stays NaN. */
export const shortestFloat32 = (value: number): number => {
  const single = Math.fround(value)
  for (let digits = 1; digits < 9; digits++) {
    const decimal = Number(single.toPrecision(digits))
    if (Math.fround(decimal) === single) return decimal
  }
  return single
}

/** The same, with `null` for NaN, as manifests write it. */
export const jsonFloat32 = (value: number): number | null => (Number.isNaN(value) ? null : shortestFloat32(value))
