/** A release, a change of it and its history, for people. */
import type { ControlledRelease, ReleaseChanged, ReleaseHistory } from '../../protocol/admin.ts'

type Change = ReleaseHistory['history'][number]

const LABEL_WIDTH = 12
const line = (label: string, text: string): string => `  ${label.padEnd(LABEL_WIDTH)}${text}\n`
const percent = (share: number): string => `${Number((share * 100).toPrecision(4))} %`

export const releaseText = (release: ControlledRelease): string => {
  const { model, revision, stable, canary, shadow, fallback, hold, rolled_back, changed_at } = release
  const since = changed_at === null ? 'as the bundle ships it' : `since ${changed_at}`
  return [
    `${model}, revision ${revision}, ${since}\n`,
    line('stable', stable),
    line(
      'canary',
      canary === null ? '-' : `${canary.version}, ${percent(canary.share)} of the units, since ${canary.since}`,
    ),
    line('shadow', shadow === null ? '-' : `${shadow.version}, since ${shadow.since}`),
    line('fallback', fallback ?? '-'),
    line(
      'hold',
      hold === null
        ? '-'
        : `"${hold.reason}" by ${hold.by.name}, ${hold.until === null ? 'no end' : `until ${hold.until}`}`,
    ),
    ...(rolled_back.length === 0 ? [] : [line('rolled back', rolled_back.join(', '))]),
  ].join('')
}

/** The last look at a canary. */
const judgementText = (judgement: NonNullable<ReleaseHistory['judgement']>): string => {
  const { version, at, verdict, ready_to_promote, units, reasons, move } = judgement
  const ready = ready_to_promote ? ', ready to promote' : ''
  return [
    line('judgement', `${version} ${verdict}${ready}, ${units} units compared, ${at}`),
    ...reasons.map((reason) => line('', reason)),
    ...(move === null ? [] : [line('', move)]),
  ].join('')
}

export const statusText = ({ release, judgement, alarms }: ReleaseHistory): string =>
  releaseText(release) +
  (judgement === null ? '' : judgementText(judgement)) +
  alarms
    .map(({ version, count, first, last }) =>
      line('alarm', `${version} could not be loaded, ${count} times from ${first} to ${last}`),
    )
    .join('')

const commandText = ({ command }: Change): string => {
  const { command: name, version, share, until } = command
  const words = [name, version === null ? 'none' : version, typeof share === 'number' ? percent(share) : undefined]
  return [...words, until === null || until === undefined ? undefined : `until ${until}`]
    .filter((word) => word !== undefined)
    .join(' ')
}

const changeText = (change: Change): string => {
  const { revision, at, by, reason, evidence } = change
  const who = by.kind === 'rule' ? `rule ${by.name}` : by.name
  const why = reason === null ? '' : `: ${reason}`
  const proof = evidence === null ? '' : `\n        ${JSON.stringify(evidence)}`
  return `${String(revision).padStart(6)}  ${at}  ${commandText(change)}, by ${who}${why}${proof}\n`
}

export const historyText = ({ history }: ReleaseHistory): string =>
  history.length === 0 ? 'nobody has released anything yet\n' : history.map(changeText).join('')

export const changedText = ({ release, change, propagation }: ReleaseChanged): string => {
  if (change === null || propagation === null) return `nothing to change\n${releaseText(release)}`
  const { busy_isolates_within_seconds: busy, cold_isolates_by: cold, pushed_to: pushed } = propagation
  return [
    releaseText(release),
    line(
      'follows',
      `busy isolates within ${busy} s, cold ones by ${cold}; pushed to ${pushed.answered} of ${pushed.of} shards`,
    ),
  ].join('')
}
