import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { METRICS } from '../../../src/protocol/metrics.ts'

const OPS = join(import.meta.dirname, '../../../ops')
const FOLDER = join(OPS, 'grafana')

interface Panel {
  readonly id: number
  readonly title: string
  readonly description: string
  readonly datasource: { readonly uid: string }
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly fieldConfig: { readonly defaults: { readonly unit: string } }
  readonly targets: readonly { readonly refId: string; readonly expr: string }[]
}
interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly schemaVersion: number
  readonly panels: readonly Panel[]
}

const dashboards = readdirSync(FOLDER).map((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Dashboard)

const { groups } = parse(readFileSync(join(OPS, 'prometheus/rules.yaml'), 'utf8')) as {
  readonly groups: readonly { readonly rules: readonly { readonly record: string }[] }[]
}
const known = new Set<string>([
  ...Object.values(METRICS).flatMap(({ name, type }) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
  ...groups.flatMap(({ rules }) => rules.map(({ record }) => record)),
])

const isUnique = (values: readonly unknown[]): boolean => new Set(values).size === values.length

describe('the dashboards for Grafana', () => {
  it('are two, each known by its own name', () => {
    expect(dashboards.map(({ title }) => title).sort()).toEqual(['Nearcast: pipeline', 'Nearcast: serving'])
    expect(isUnique(dashboards.map(({ uid }) => uid))).toBe(true)
    for (const { schemaVersion } of dashboards) expect(schemaVersion).toBeGreaterThanOrEqual(39)
  })

  it.each(dashboards)(
    '$title: panels have a number and a place of their own, a unit and a word on what to do',
    ({ panels }) => {
      expect(isUnique(panels.map(({ id }) => id))).toBe(true)
      expect(isUnique(panels.map(({ title }) => title))).toBe(true)
      for (const { title, description, fieldConfig, targets, datasource } of panels) {
        expect(description.length, title).toBeGreaterThan(20)
        expect(fieldConfig.defaults.unit, title).toMatch(/^(none|ops|s|bytes|percentunit)$/)
        expect(datasource.uid, title).toMatch(/^\$\{datasource\}$/)
        expect(isUnique(targets.map(({ refId }) => refId)), title).toBe(true)
      }
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
        expect(x + w).toBeLessThanOrEqual(24)
        return Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`)
      })
      expect(isUnique(cells)).toBe(true)
    },
  )

  it.each(dashboards)('$title: asks for metrics that there are, or that are recorded', ({ panels }) => {
    const asked = panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr }) => expr.match(/\bnearcast[_:][\w:]+/g) ?? []),
    )
    expect(asked.length).toBeGreaterThanOrEqual(panels.length)
    expect(asked.filter((name) => !known.has(name))).toEqual([])
  })
})
