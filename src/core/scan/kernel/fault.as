/** The first fault of the record at hand. Functions that read return where they stopped, or 0 after a fault. */
import { NO_FAULT, UNEXPECTED_END } from './codes'

let code: u32 = NO_FAULT
let place: usize = 0

export function clearFault(): void {
  code = NO_FAULT
}

export function faultCode(): u32 {
  return code
}

export function faultPlace(): usize {
  return place
}

export function setFault(newCode: u32, newPlace: usize): void {
  code = newCode
  place = newPlace
}

/** Records a fault at `at`; whatever is amiss at the limit is that the record ended. */
export function fail(newCode: u32, at: usize, limit: usize): usize {
  const ended = at >= limit
  code = ended ? UNEXPECTED_END : newCode
  place = ended ? limit : at
  return 0
}
