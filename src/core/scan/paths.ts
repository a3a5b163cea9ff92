/** Asked paths as a tree of names, so that one walk through a record finds them all. */

/** A name asked for at one place of a record. Slots are numbered so that those of a subtree follow one another. */
export interface PlanEntry {
  readonly name: string
  /** Where the last value of this name is noted, when a path ends here. */
  readonly slot: number | undefined
  /** What is asked for inside a value of this name. */
  readonly child: PlanNode | undefined
  /** The slots of the subtree `child`. */
  readonly firstInner: number
  readonly endInner: number
}

export type PlanNode = ReadonlyMap<string, PlanEntry>

/** The slots that may hold the value of a path, the one that wins first. */
export type SlotList = readonly number[]

export interface PathPlan {
  readonly root: PlanNode
  readonly slotCount: number
  /** Holds the record inside an Elasticsearch hit. */
  readonly sourceSlot: number
  /** For each value, in the order of `paths`, then `outerPaths`: where it is in a flat record and in a hit. */
  readonly values: readonly { readonly flat: SlotList; readonly hit: SlotList }[]
}

const SOURCE = '_source'

/** What is asked for at one place: names whose value is wanted, and the rests of paths that go on inside them. */
interface Wish {
  wanted: boolean
  readonly rests: Set<string>
}

const wishFor = (wishes: Map<string, Wish>, name: string): Wish => {
  const known = wishes.get(name)
  if (known !== undefined) return known
  const wish: Wish = { wanted: false, rests: new Set() }
  wishes.set(name, wish)
  return wish
}

const wishesOf = (paths: Iterable<string>): Map<string, Wish> => {
  const wishes = new Map<string, Wish>()
  for (const path of paths) {
    wishFor(wishes, path).wanted = true
    const dot = path.indexOf('.')
    if (dot >= 0) wishFor(wishes, path.slice(0, dot)).rests.add(path.slice(dot + 1))
  }
  return wishes
}

/** Numbers slots in the order of the walk. */
class PlanBuilder {
  slotCount = 0

  node(wishes: ReadonlyMap<string, Wish>): PlanNode {
    const entries = new Map<string, PlanEntry>()
    for (const [name, { wanted, rests }] of wishes) {
      const slot = wanted ? this.slotCount++ : undefined
      const firstInner = this.slotCount
      const child = rests.size > 0 ? this.node(wishesOf(rests)) : undefined
      entries.set(name, { name, slot, child, firstInner, endInner: this.slotCount })
    }
    return entries
  }
}

/** Where `path` may stand below `node`: a name spelled with its dots wins over one level deeper, as in `readPath`. */
const slotsOf = (node: PlanNode | undefined, path: string): number[] => {
  const whole = node?.get(path)?.slot
  const dot = path.indexOf('.')
  const deeper = dot < 0 ? [] : slotsOf(node?.get(path.slice(0, dot))?.child, path.slice(dot + 1))
  return whole === undefined ? deeper : [whole, ...deeper]
}

/**
 * A plan that finds `paths` in a flat record, or in the `_source` of an Elasticsearch hit where that is an object, and `outerPaths` (such as
 * `_id`) in the record or hit itself. The values of a row have the same order: `paths`, then `outerPaths`.
 */
export const compilePaths = (paths: readonly string[], outerPaths: readonly string[] = []): PathPlan => {
  const wishes = wishesOf([...paths, ...outerPaths])
  const source = wishFor(wishes, SOURCE)
  source.wanted = true
  for (const path of paths) source.rests.add(path)
  const builder = new PlanBuilder()
  const root = builder.node(wishes)
  const sourceEntry = root.get(SOURCE) as PlanEntry
  return {
    root,
    slotCount: builder.slotCount,
    sourceSlot: sourceEntry.slot as number,
    values: [
      ...paths.map((path) => ({ flat: slotsOf(root, path), hit: slotsOf(sourceEntry.child, path) })),
      ...outerPaths.map((path) => ({ flat: slotsOf(root, path), hit: slotsOf(root, path) })),
    ],
  }
}
