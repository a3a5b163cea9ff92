import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/cli/command.ts'
import { addColumns } from '../../../src/cli/zips/add-columns.ts'
import { parseCsv, readTextFile } from '../../../src/cli/zips/read-csv.ts'
import { type UserColumns, userColumns } from '../../../src/cli/zips/user-columns.ts'

const read = (text: string, textColumns: readonly string[] = []): UserColumns =>
  userColumns(parseCsv(text, 'mine.csv'), textColumns)

const thrown = (action: () => unknown): unknown => {
  try {
    action()
  } catch (error) {
    return error
  }
  return undefined
}

describe("a user's columns", () => {
  it('are numbers where every cell is one, else strings; an empty cell is null', () => {
    expect(read('zip,price,region\n94107,12.5,west\n10001,,\n60601,-3e2,mid west\n')).toEqual({
      names: ['price', 'region'],
      rows: [
        { zip: '94107', line: 2, values: [12.5, 'west'] },
        { zip: '10001', line: 3, values: [null, null] },
        { zip: '60601', line: 4, values: [-300, 'mid west'] },
      ],
    })
  })

  it('have their zips repaired like those of events', () => {
    const { rows } = read('zip,a\n501,1\n94107-1234,2\n941071235,3\n601.0,4\n'.replace('941071235', '100011235'))
    expect(rows.map(({ zip }) => zip)).toEqual(['00501', '94107', '10001', '00601'])
  })

  it('keep codes that look like numbers as text where asked to', () => {
    expect(read('zip,code\n94107,007\n10001,A1\n', ['code']).rows.map(({ values }) => values)).toEqual([
      ['007'],
      ['A1'],
    ])
  })

  it('may be quoted, hold commas, quotes and line breaks, end lines with CR LF, and begin with a byte order mark', () => {
    const { rows } = read('\ufeffzip,"note"\r\n94107,"a, ""b""\r\nc"\r\n\r\n"10001",d\r\n')
    expect(rows).toEqual([
      { zip: '94107', line: 2, values: ['a, "b"\nc'] },
      { zip: '10001', line: 5, values: ['d'] },
    ])
  })

  it.each([
    ['an empty file', '', 'mine.csv: is empty; expected a header'],
    ['a header alone', 'zip,price\n', 'mine.csv: has a header and no line below it'],
    ['another first column', 'price,zip\n1,94107\n', 'mine.csv:1, column 1: expected the header "zip", got "price"'],
    [
      'semicolons',
      'zip;price\n94107;1\n',
      'mine.csv:1, column 1: expected the header "zip", got "zip;price"; cells are separated by commas here',
    ],
    ['no column of its own', 'zip\n94107\n', 'mine.csv:1: expected at least one column after "zip"'],
    ['a nameless column', 'zip,\n94107,1\n', 'mine.csv:1, column 2: "" is no column name'],
    ['an odd column name', 'zip,plan price\n94107,1\n', 'mine.csv:1, column 2: "plan price" is no column name'],
    [
      'a built-in column',
      'zip,a,latitude\n94107,1,2\n',
      'mine.csv:1, column 3: "latitude" is a column of the zip data already',
    ],
    ['a column twice', 'zip,a,a\n94107,1,2\n', 'mine.csv:1, column 3: the column "a" stands here twice'],
    ['too few cells', 'zip,a\n94107,1\n10001\n', 'mine.csv:3: has 1 cells where the header has 2: "10001"'],
    ['too many cells', 'zip,a\n94107,1,234\n', 'mine.csv:2: has 3 cells where the header has 2: "94107,1,234"'],
    ['a bad zip', 'zip,a\n94107,1\n\nSW1A 1AA,2\n', 'mine.csv:4, column "zip": "SW1A 1AA" is not a US zip'],
    ['no zip', 'zip,a\n,1\n', 'mine.csv:2, column "zip": "" is not a US zip'],
    ['a zip twice', 'zip,a\n00501,1\n94107,2\n501,3\n', 'mine.csv:4, column "zip": 00501 stands on line 2 already'],
    [
      'a stray word among numbers',
      'zip,a\n94107,1\n10001,n/a\n60601,3\n',
      'mine.csv:3, column "a": "n/a" is not a number, but 2 other cells are; correct it, empty it, or say --text a',
    ],
    [
      'a number too large',
      'zip,a\n94107,1\n10001,1e999\n',
      'mine.csv:3, column "a": "1e999" is not a number, but 1 other cell is',
    ],
    ['an empty column', 'zip,a,b\n94107,1,\n10001,2, \n', 'mine.csv: the column "b" is empty on every line'],
    [
      'a quote that never closes',
      'zip,a\n94107,1\n10001,"2\n60601,3\n',
      'mine.csv:3, column 2: a quote opens in this record and never closes',
    ],
    ['a quote inside a cell', 'zip,a\n94107,1"2\n', 'mine.csv:2, column 2: a quote inside a cell'],
    ['text behind a quoted cell', 'zip,a\n94107,"1"2\n', 'mine.csv:2, column 2: a quote inside a cell'],
  ])('are refused with a place and a reason: %s', (_, text, message) => {
    const error = thrown(() => read(text))
    expect(error).toBeInstanceOf(UsageError)
    expect(String(error)).toContain(message)
  })

  it('are refused where --text names a column that is not there', () => {
    expect(() => read('zip,a\n94107,1\n', ['b'])).toThrow('--text b: mine.csv has the columns a')
  })

  it('are refused where the file cannot be read', () => {
    const error = thrown(() => readTextFile('no-such-file.csv'))
    expect(error).toBeInstanceOf(UsageError)
    expect(String(error)).toContain('no-such-file.csv: cannot be read')
  })

  it('stand behind the built-in ones; a zip nobody knows is left out and told', () => {
    const table = {
      columns: ['latitude'],
      rows: new Map([
        ['10001', [40.7]],
        ['94107', [37.8]],
      ]),
    }
    const { table: joined, unknown } = addColumns(table, read('zip,a\n94107,1\n00001,2\n'.replace('00001', '99999')))
    expect(joined.columns).toEqual(['latitude', 'a'])
    expect([...joined.rows]).toEqual([
      ['10001', [40.7, null]],
      ['94107', [37.8, 1]],
    ])
    expect(unknown).toEqual([{ zip: '99999', line: 3, values: [2] }])
  })
})
