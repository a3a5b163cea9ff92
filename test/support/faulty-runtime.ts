/** A decorator around a real runtime: sessions that break, throw once, choke on a row or answer NaN, and a runtime that does not start. */
import { Failure } from '../../src/core/failure.ts'
import type { ModelRuntime, ModelSession, Tensors } from '../../src/serving/ports.ts'

const injected = (): Failure => new Failure('model_failed', 'the graph failed: injected')

export class FaultyRuntime implements ModelRuntime {
  /** Sessions that were opened until now and throw from now on. */
  readonly #broken = new Set<ModelSession>()
  readonly #open = new Map<ModelSession, Uint8Array>()
  /** The next runs that throw. */
  failingRuns = 0
  /** Sessions pass their golden rows once, when they are opened, and throw ever after. */
  breaksAfterOpening: (model: Uint8Array) => boolean = () => false
  /** A run throws that has this number among its first input's. */
  poison: number | undefined
  /** Every output is NaN, but for the run that opens a session. */
  isNaNNow = false
  startFails = false
  opens = 0

  constructor(private readonly inner: ModelRuntime) {}

  /** Every open session throws from now on, or those of some models. */
  breakSessions(isMeant: (model: Uint8Array) => boolean = () => true): void {
    for (const [session, model] of this.#open) if (isMeant(model)) this.#broken.add(session)
  }

  async open(model: Uint8Array): Promise<ModelSession> {
    this.opens++
    if (this.startFails) throw new Failure('model_unavailable', 'ONNX Runtime did not start: injected')
    const inner = await this.inner.open(model)
    let runs = 0
    const session: ModelSession = {
      inputs: inner.inputs,
      outputs: inner.outputs,
      run: async (inputs, names) => {
        runs++
        if (this.#broken.has(session) || (runs > 1 && this.breaksAfterOpening(model))) throw injected()
        if (this.failingRuns > 0) {
          this.failingRuns--
          throw injected()
        }
        if (this.#isPoisoned(inputs)) throw injected()
        const outputs = await inner.run(inputs, names)
        return this.isNaNNow && runs > 1 ? withoutNumbers(outputs) : outputs
      },
      release: () => {
        this.#open.delete(session)
        return inner.release()
      },
    }
    this.#open.set(session, model)
    return session
  }

  #isPoisoned(inputs: Tensors): boolean {
    const { poison } = this
    return poison !== undefined && Object.values(inputs).some(({ data }) => Array.from(data, Number).includes(poison))
  }
}

const withoutNumbers = (outputs: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [
      name,
      { ...tensor, data: new Float32Array(tensor.data.length).fill(Number.NaN) },
    ]),
  )
