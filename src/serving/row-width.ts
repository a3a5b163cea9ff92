/** How many numbers one row of a tensor holds: the product of its dimensions after the first. */
export const rowWidth = ({ shape }: { readonly shape: readonly number[] }): number =>
  shape.slice(1).reduce((product, size) => product * size, 1)
