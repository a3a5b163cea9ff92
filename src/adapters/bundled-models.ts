/** The models that are part of the Worker's bundle: every version in model/. Written by `nearcast import --bundle`. */
import deliveryDays_1_0_0_manifest from '../../model/delivery-days/1.0.0/manifest.json' with { type: 'json' }
import deliveryDays_1_0_0_model from '../../model/delivery-days/1.0.0/model.onnx'
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
  {
    manifest: deliveryDays_1_0_0_manifest,
    model: deliveryDays_1_0_0_model,
    // biome-ignore format: long lists of numbers
    means: { delivery_days: {"labels":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14],"probabilities":[0.000028317994,0.007137833,0.060879458,0.17629996,0.25383836,0.22604583,0.14113088,0.07697156,0.028113367,0.012645902,0.006553287,0.0038550561,0.00231617,0.0014642644,0.002719754],"p50":5,"p90":7} },
    reference: () => import('../../model/delivery-days/1.0.0/reference.json', { with: { type: 'json' } }),
  },
])
