/** The models that are part of the Worker's bundle. */
import lateArrivalManifest from '../../model/late-arrival/1.0.0/manifest.json' with { type: 'json' }
import lateArrivalModel from '../../model/late-arrival/1.0.0/model.onnx'
import { memoryModels } from './memory-models.ts'

export const bundledModels = memoryModels([{ manifest: lateArrivalManifest, model: lateArrivalModel }])
