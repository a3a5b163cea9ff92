/** What the load process is told to do and what it reports. */
import type { Service } from './traffic.ts'

/** `connections`: each sends its next request when it has its answer. `perSecond`: requests at fixed times, whatever the answers do. */
export type LoadShape = { readonly connections: number } | { readonly perSecond: number }

export interface LoadOrder {
  readonly port: number
  readonly service: Service
  readonly shape: LoadShape
  readonly seconds: number
  /** The process whose CPU time is charged to the requests. */
  readonly pid: number
}

export interface LoadReport {
  readonly requests: number
  readonly failures: number
  /** What was wrong with the first failure. */
  readonly fault: string | undefined
  readonly perSecond: number
  readonly p50Milliseconds: number
  readonly p90Milliseconds: number
  readonly p99Milliseconds: number
  /** Right answers by the model version that gave them; empty where answers name none. */
  readonly versions: Readonly<Record<string, number>>
  /** CPU time of the target by request, microseconds; `null` where it cannot be read. */
  readonly cpuMicroseconds: number | null
  /** Share of one core that the load process itself used: near 1 it is the limit, not the target. */
  readonly generatorShare: number
  /** 99th percentile of how late the load process was with its own sending; 0 in a closed loop. */
  readonly generatorLagMilliseconds: number
}

/** The load process's message for one order. */
export type LoadAnswer = { readonly report: LoadReport } | { readonly error: string }
