/** The routes of the browser's beacon: its scripts, which any page may load. */
import { z } from 'zod'

const script = {
  method: 'get',
  security: 'public',
  isForEveryPage: true,
  isTagged: true,
  answer: z.string(),
  answerType: 'text/javascript',
  problems: [],
} as const

export const BEACON_ROUTES = {
  beacon: {
    ...script,
    path: '/beacon.js',
    operationId: 'beaconScript',
    summary:
      'The beacon: a script that sends events and asks for predictions; BEACON_PATH serves it under another name too',
  },
  beaconAuto: {
    ...script,
    path: '/beacon-auto.js',
    operationId: 'beaconAutoScript',
    summary: 'What the beacon loads to track page views and marked elements',
  },
} as const
