/** From the variables of the environment to how canaries are judged. */
import type { Config } from './config.ts'
import { checkJudgement, DEFAULT_JUDGEMENT, type JudgementConfig } from './core/judgement/config.ts'

/** How canaries are judged here. Throws a RangeError for what no judgement can be made by. */
export const judgementOf = (config: Config): JudgementConfig => {
  const judgement: JudgementConfig = {
    ...DEFAULT_JUDGEMENT,
    alpha: config.CANARY_ALPHA,
    minimumUnits: config.CANARY_MINIMUM_UNITS,
    bakeMilliseconds: config.CANARY_BAKE_SECONDS * 1_000,
    failures: { toleratedExcess: config.CANARY_FAILURE_EXCESS },
    shift: { toleratedMean: config.CANARY_MEAN_SHIFT },
    decisions: { toleratedShare: config.CANARY_DECISION_SHARE },
  }
  checkJudgement(judgement)
  return judgement
}
