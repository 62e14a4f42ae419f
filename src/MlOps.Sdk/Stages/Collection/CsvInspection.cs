using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>What the first pass over a CSV file found: every row is well-formed, and every value fits its column's type.</summary>
/// <param name="Schema">The columns, in the order asked for.</param>
/// <param name="Ordinals">The position of each column in the file.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Version">The hash of the bytes.</param>
/// <param name="Stamp">Length and time of the file, to notice a change.</param>
internal sealed record CsvInspection(Schema Schema, int[] Ordinals, long Rows, ContentVersion Version, (long Length, DateTime Time) Stamp)
{
    /// <summary>What a reader of the file should know, as sentences.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Reads the whole file once, in bounded memory.</summary>
    public static CsvInspection Run(string path, string name, CsvOptions options, ReadRequest request, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = CsvSource.Open(path, name);
        var stamp = StampOf(path);
        using var stream = new HashingStream(file, hash);
        using var table = new CsvTable(stream, options, name, trackLines: true);
        table.ReadHeader();
        var all = new Schema(table.Header.Select(column => new Field(column, ColumnType.Text)));
        var types = new ColumnTypeInference[all.Count];
        var given = Given(options.Schema, all, name);
        long rows = 0;
        while (table.Read(check: true))
        {
            if ((++rows & 0xFFF) == 0) ct.ThrowIfCancellationRequested();
            for (var i = 0; i < types.Length; i++)
            {
                var unread = options.Schema is not null && given[i] is null;
                var anythingFits = given[i] is { } wanted ? wanted.Type == ColumnType.Text : types[i].IsSettled;
                if (unread || anythingFits) continue;
                var value = table.Field(i);
                if (table.IsNull(value)) continue;
                if (given[i] is { } field) Check(value, field, table.Line, name);
                else types[i].Observe(value, table.Line);
            }
        }

        if (rows == 0) throw new MlOpsException("The file has a header and no rows.", "Give a file with at least one row.") { DataSource = name };
        stream.CopyTo(Stream.Null);
        var version = $"sha256:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
        if (options.Settings.Length > 0) version += $";options:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(options.Settings)).AsSpan(0, 8))}";
        var found = options.Schema ?? new Schema(table.Header.Select((column, i) => new Field(column, types[i].Type)));
        var schema = request.Columns is null ? found : new Schema(request.Columns.Select(column => found.Contains(column) ? found[column] : throw Missing(column, found, name)));
        var strays = options.Schema is null ? schema.Select(field => (field.Name, Strays: types[all.IndexOf(field.Name)].Strays("line"))).Where(column => column.Strays is not null) : [];
        return new CsvInspection(schema, [.. schema.Select(field => all.IndexOf(field.Name))], rows, new ContentVersion(version), stamp)
        {
            Notes = [.. strays.Select(column => $"{name}: column '{column.Name}' is text because of {column.Strays}; add what stands for a missing value to CsvOptions.NullTokens.")],
        };
    }

    public static (long Length, DateTime Time) StampOf(string path)
    {
        var info = new FileInfo(path);
        return info.Exists ? (info.Length, info.LastWriteTimeUtc) : default;
    }

    private static Field?[] Given(Schema? schema, Schema all, string name)
    {
        var given = new Field?[all.Count];
        if (schema is null) return given;
        foreach (var field in schema)
        {
            if (!all.TryGetIndex(field.Name, out var index)) throw Missing(field.Name, all, name);
            given[index] = field;
        }

        return given;
    }

    private static MlOpsException Missing(string column, Schema schema, string name)
    {
        var missing = NearestName.MissingColumn(column, "The request", schema);
        return new MlOpsException($"The file has no column '{column}'.", missing.Remedy) { DataSource = name, Column = column };
    }

    private static void Check(ReadOnlySpan<byte> value, Field field, long line, string name)
    {
        var fits = field.Type switch
        {
            ColumnType.Integer => FieldText.TryInteger(value, out _),
            ColumnType.Number => FieldText.TryNumber(value, out _),
            ColumnType.Boolean => FieldText.TryFlag(value, out _),
            ColumnType.Timestamp => FieldText.TryTimestamp(value, out _),
            _ => true,
        };
        if (fits) return;
        var wanted = field.Type switch
        {
            ColumnType.Integer => "a 64-bit whole number",
            ColumnType.Number => "a finite number",
            ColumnType.Boolean => "true, false, 1 or 0",
            _ => "an ISO 8601 date or time",
        };
        throw new MlOpsException(
            $"'{PrintableText.Shorten(value)}' is not {wanted}.",
            "Correct the value, add it to CsvOptions.NullTokens if it stands for a missing one, or give the column another type in the schema.") { DataSource = name, Line = line, Column = field.Name };
    }
}
