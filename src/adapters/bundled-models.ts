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
    means: { delivery_days: {"labels":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14],"probabilities":[0.000010113666,0.0070392396,0.06080042,0.1763528,0.25414586,0.22627881,0.14130817,0.076679595,0.028009538,0.012562454,0.006529271,0.0038407594,0.0023320357,0.0014693917,0.0026415433],"p50":5,"p90":7} },
    reference: () => import('../../model/delivery-days/1.0.0/reference.json', { with: { type: 'json' } }),
  },
])
