// Reads or writes an Arrow file with the npm package apache-arrow, the other side of ArrowInteroperabilityTests.
//   node apache-arrow.cjs read <file>     prints the schema, and the rows as JSON
//   node apache-arrow.cjs write <file>    writes a table of every type that the library reads, in two batches
//   node apache-arrow.cjs refused <file>  writes a table with a column that the library does not read
const fs = require('fs');
const arrow = require('apache-arrow');

const [verb, path] = process.argv.slice(2);

function show(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'object') return Array.from(value, show);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}

if (verb === 'read') {
  const table = arrow.tableFromIPC(fs.readFileSync(path));
  const columns = table.schema.fields.map(field => ({ name: field.name, type: String(field.type) }));
  const rows = table.toArray().map(row => table.schema.fields.map(field => show(row[field.name])));
  console.log(JSON.stringify({ columns, batches: table.batches.length, rows }));
} else if (verb === 'write') {
  const vector = (type, values) => arrow.vectorFromArray(values, type);
  const coded = vector(new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), 7), ['a', 'b', null, 'a', 'a', 'b', null, 'a']);
  const batch = offset => {
    const texts = ['grün', null, '', '👩‍💻'].map(text => (text === null ? null : text + offset));
    return new arrow.Table({
      number: vector(new arrow.Float64(), [1.5 + offset, null, -0, Infinity]),
      integer: vector(new arrow.Int64(), [9007199254740993n, null, -1n, BigInt(offset)]),
      flag: vector(new arrow.Bool(), [true, null, false, true]),
      plain: vector(new arrow.Utf8(), texts),
      coded: coded.slice(offset * 4, offset * 4 + 4),
      at: vector(new arrow.TimestampMicrosecond(), [0, null, 1_600_000_000_000, 253402300799000]),
      milli: vector(new arrow.TimestampMillisecond(), [0, null, 1_600_000_000_123, -1]),
      list: vector(new arrow.FixedSizeList(2, new arrow.Field('item', new arrow.Float32(), true)), [[1, 2], null, [3, 4], [0.5, -1]]),
    });
  };
  fs.writeFileSync(path, arrow.tableToIPC(batch(0).concat(batch(1)), 'file'));
} else if (verb === 'refused') {
  const table = new arrow.Table({ ok: arrow.vectorFromArray([1, 2], new arrow.Float64()), day: arrow.vectorFromArray([new Date(0), null], new arrow.DateDay()) });
  fs.writeFileSync(path, arrow.tableToIPC(table, 'file'));
}
