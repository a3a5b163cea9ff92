/** Military and diplomatic post offices (APO, FPO, DPO), told by the first three digits of their zips. */
import { zip3 } from '../../core/event/zip-code.ts'

/** The "state" of military mail by zip3. Source: USPS Publication 28, Appendix B, and Domestic Mail Manual, labeling list L002. */
const REGION_OF_ZIP3: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...'012345678'].map((digit) => [`09${digit}`, 'AE'])),
  340: 'AA',
  ...Object.fromEntries([...'23456'].map((digit) => [`96${digit}`, 'AP'])),
}

/** Whether `zip` is delivered by the military postal service, mostly abroad. */
export const isMilitary = (zip: string): boolean => Object.hasOwn(REGION_OF_ZIP3, zip3(zip))

/** AE (Europe, Africa, Middle East), AA (Americas) or AP (Pacific); `undefined` for a civil zip. GeoNames writes AA for all of the Pacific. */
export const militaryRegion = (zip: string): string | undefined => REGION_OF_ZIP3[zip3(zip)]
