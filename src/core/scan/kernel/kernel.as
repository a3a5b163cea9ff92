/** The exports of the scan kernel. src/core/scan/kernel.ts gives them their types. */

export { countLineFeeds, fillBitmaps, placeBitmaps } from './bitmaps'
export { clearFault, faultCode, faultPlace } from './fault'
export { placeNames } from './names'
export { beginList, consumed, placePlan, placeRows, rowCount, scanElements, scanLines, setStrict } from './rows'
export { skipString, skipValue, spaces } from './skip'
