/** The models that are part of the Worker's bundle: every version in model/. Written by `nearcast import --bundle`. */
import lateArrival_1_0_0_manifest from '../../model/late-arrival/1.0.0/manifest.json' with { type: 'json' }
import lateArrival_1_0_0_model from '../../model/late-arrival/1.0.0/model.onnx'
import { memoryModels } from './memory-models.ts'

export const bundledModels = memoryModels([
  {
    manifest: lateArrival_1_0_0_manifest,
    model: lateArrival_1_0_0_model,
    means: { late_probability: 0.20651710948104218 },
    reference: () => import('../../model/late-arrival/1.0.0/reference.json', { with: { type: 'json' } }),
  },
])
