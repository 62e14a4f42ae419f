using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// The key of a row as databases compute it, too: the MD5 of a text that is made of the values. Its columns are whole numbers, texts, flags
/// and times. Not thread-safe: it reuses a buffer.
/// </summary>
internal sealed class PortableKey : IRowKeyHasher
{
    /// <summary>What stands before the columns where keys are such: a name that no column has.</summary>
    public const string Mark = "\u0001md5";

    private readonly int[] _columns;
    private readonly bool _required;
    private readonly string _prefix;
    private readonly StringBuilder _text = new();

    /// <inheritdoc cref="RowKeyHasher(Schema, IReadOnlyList{string}, string, string, bool)"/>
    public PortableKey(Schema schema, IReadOnlyList<string> key, string salt, string wantedBy, bool required)
    {
        Require(schema, key, wantedBy);
        var names = Ordered(key);
        _columns = Array.ConvertAll(names, schema.IndexOf);
        _required = required;
        _prefix = PrefixOf(names, salt);
    }

    /// <summary>The hasher for columns, portable where they are marked.</summary>
    public static IRowKeyHasher HasherOf(Schema schema, IReadOnlyList<string> columns, string salt, string wantedBy, bool required) =>
        IsMarked(columns)
            ? new PortableKey(schema, ColumnsOf(columns), salt, wantedBy, required)
            : new RowKeyHasher(schema, columns, salt, wantedBy, required);

    public static bool IsMarked(IReadOnlyList<string> columns) => columns.Count > 0 && columns[0] == Mark;

    /// <summary>The columns without the mark.</summary>
    public static IReadOnlyList<string> ColumnsOf(IReadOnlyList<string> columns) => IsMarked(columns) ? [.. columns.Skip(1)] : columns;

    public static string[] Ordered(IEnumerable<string> key) => [.. key.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>What stands before the values: it makes keys differ between lifecycles, and between columns.</summary>
    public static string PrefixOf(IReadOnlyList<string> names, string salt) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{salt}\0{string.Join('\0', names)}")))[..32];

    /// <summary>The keys that are below it are held out, as text of hexadecimal digits.</summary>
    public static string LimitOf(double test)
    {
        // A fraction is the upper 53 bits.
        var bits = (ulong)Math.Ceiling(test * (1UL << 53)) << 11;
        return bits.ToString("x16", CultureInfo.InvariantCulture);
    }

    /// <exception cref="MlOpsException">A column is not there, or its values are written otherwise by each database.</exception>
    public static void Require(Schema schema, IEnumerable<string> key, string wantedBy)
    {
        foreach (var name in key)
        {
            if (!schema.Contains(name)) throw NearestName.MissingColumn(name, wantedBy, schema);
            if (schema[name].Type is ColumnType.Number or ColumnType.Vector)
            {
                throw new MlOpsException(
                    $"The column '{name}' is {schema[name].Type}, whose values each database writes in another way, so it is no portable " +
                        "key.",
                    "Use columns of whole numbers, texts, booleans or times; cast whole numbers to Integer where they are read.")
                {
                    Column = name,
                };
            }
        }
    }

    [SuppressMessage("Security", "CA5351", Justification = "No secret: the hash that every database has.")]
    public void Compute(RecordBatch batch, Span<RowKey> keys)
    {
        Span<byte> hash = stackalloc byte[16];
        for (var row = 0; row < batch.RowCount; row++)
        {
            _text.Clear().Append(_prefix);
            var hasValue = false;
            foreach (var column in _columns) hasValue |= Append(batch.Columns[column], row);
            if (_required && !hasValue)
            {
                keys[row] = default;
                continue;
            }

            MD5.HashData(Encoding.UTF8.GetBytes(_text.ToString()), hash);
            keys[row] = RowKey.Parse(Convert.ToHexString(hash));
        }
    }

    private bool Append(Column column, int row)
    {
        if (column.IsNull(row))
        {
            _text.Append("n;");
            return false;
        }

        switch (column)
        {
            case IntegerColumn integers: _text.Append(CultureInfo.InvariantCulture, $"i{integers.Values[row]};"); break;
            case BooleanColumn flags: _text.Append(flags.Values[row] ? "b1;" : "b0;"); break;
            case TimestampColumn times:
                var microseconds = (times.Values[row] - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
                _text.Append(CultureInfo.InvariantCulture, $"t{microseconds};");
                break;
            default:
                var text = column.GetText(row)!;
                _text.Append(CultureInfo.InvariantCulture, $"s{Encoding.UTF8.GetByteCount(text)}:{text};");
                break;
        }

        return true;
    }
}
