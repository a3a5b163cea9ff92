/** The options as they hold now, and whether the visitor may be followed. */
import type { BeaconOptions } from './types.ts'

export const settings: { -readonly [Name in keyof BeaconOptions]-?: BeaconOptions[Name] } = {
  endpoint: '/',
  eventsPath: '/v1/events',
  predictPath: '/v1/predict',
  autoCapture: false,
  autoUrl: '/beacon-auto.js',
  fields: {},
  respectPrivacySignals: true,
  batchEvents: 20,
  batchMilliseconds: 5_000,
  queueEvents: 1_000,
  traceparent: '',
  traceparentHeader: false,
}

/** Global Privacy Control (https://w3c.github.io/gpc/) or its predecessor: asked each time, since the visitor may change it. */
export const isSilenced = (): boolean | undefined =>
  settings.respectPrivacySignals &&
  ((navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl || navigator.doNotTrack === '1')
