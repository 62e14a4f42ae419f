using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>What the first pass over a text file found.</summary>
internal sealed record FileInspection
{
    /// <summary>The columns, in the order requested.</summary>
    public required Schema Schema { get; init; }

    /// <summary>The types of the columns as far as values were seen; those given where there is a schema.</summary>
    public required IReadOnlyList<ColumnType?> Types { get; init; }

    /// <summary>The records that were read before <see cref="ReadRequest.After"/>.</summary>
    public required long Earlier { get; init; }

    /// <summary>All records, earlier and malformed ones included.</summary>
    public required long Records { get; init; }

    /// <summary>Whether there are records that cannot be read.</summary>
    public required bool HasFaults { get; init; }

    /// <summary>The hash of the text.</summary>
    public required ContentVersion Version { get; init; }

    /// <summary>How far the file goes.</summary>
    public required Watermark Watermark { get; init; }

    /// <summary>What somebody should look at, as sentences.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The columns of a given schema that no record had.</summary>
    public required IReadOnlyList<string> Absent { get; init; }

    /// <summary>Length and time of the file, to notice a change.</summary>
    public (long Length, DateTime Time) Stamp { get; init; }

    /// <summary>Reads the whole file once, in bounded memory.</summary>
    public static FileInspection Run(
        TextFile source, IRecordFormat format, ReadRequest request, CancellationToken cancellationToken)
    {
        var after = request.After is { } watermark ? FileWatermark.Parse(watermark, source.Name) : null;
        var stamp = source.Content.Stamp();
        using var file = source.Open(format.Encoding, cancellationToken);
        using var text = new HashingStream(file, after?.Length ?? 0, cancellationToken);
        try
        {
            return Run(text, source, format, request, after, cancellationToken) with { Stamp = stamp };
        }
        catch (InvalidDataException e)
        {
            throw source.Damaged(e);
        }
    }

    /// <summary>The error for a file that is not what it was when it was inspected.</summary>
    public static MlOpsException Changed(string name) =>
        new(
            "The file changed while it was being read.",
            "Write files under another name and rename them when they are complete, then run again.") { DataSource = name };

    /// <summary>What to say of columns that no record had; they are read without values.</summary>
    public static IEnumerable<string> NotesOf(IEnumerable<string> absent, string name) =>
        absent.Select(column => $"{name}: no line has the member '{column}' of the schema; check its name, dots and case included.");

    /// <summary>The error for a column that a file does not have.</summary>
    public static MlOpsException Missing(string column, Schema schema, string name)
    {
        var missing = NearestName.MissingColumn(column, "The request", schema);
        return new MlOpsException(MissingProblem(column), missing.Remedy) { DataSource = name, Column = column };
    }

    /// <summary>Whether an error is <see cref="Missing"/>, whose remedy names the columns that there are.</summary>
    public static bool IsMissing(MlOpsException e) => e.Column is { } column && e.Problem == MissingProblem(column);

    private static string MissingProblem(string column) => $"The file has no column '{column}'.";

    private static FileInspection Run(
        HashingStream text,
        TextFile source,
        IRecordFormat format,
        ReadRequest request,
        FileWatermark? after,
        CancellationToken cancellationToken)
    {
        var name = source.Name;
        using var records = format.Open(text, name, format.Schema, request.Columns, checks: true);
        long count = 0, earlier = 0;
        var hasFaults = false;
        while (records.Read())
        {
            if ((++count & 0xFFF) == 0) cancellationToken.ThrowIfCancellationRequested();
            if (after is not null && records.Offset < after.Length) earlier++;
            if (records.Check() is not { } fault) continue;
            if (request.Malformed == MalformedRows.Fail) throw fault.ToException(name, records.Line);
            hasFaults = true;
        }

        text.CopyTo(Stream.Null);
        if (after is not null && (text.HashAtCheckpoint != after.Hash || text.IsContinued || earlier != after.Records))
        {
            throw new MlOpsException(
                "The part of the file that was read before has changed, so new rows cannot be determined.",
                "Only append complete lines to it, or run once without OnlyNew to read everything again.") { DataSource = name };
        }
        var hash = text.Hash();
        var types = records.Types;
        var found = format.Schema ?? new Schema(records.Columns.Select((column, i) => column with { Type = types[i] ?? ColumnType.Text }));
        var schema = request.Columns is null
            ? found
            : new Schema(request.Columns.Select(column => found.Contains(column) ? found[column] : throw Missing(column, found, name)));
        var settings = format.Settings.Length == 0
            ? ""
            : $";options:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(format.Settings)).AsSpan(0, 8))}";
        return new FileInspection
        {
            Schema = schema,
            Types = format.Schema is null
                ? [.. schema.Select(field => types[found.IndexOf(field.Name)])]
                : [.. schema.Select(field => (ColumnType?)field.Type)],
            Earlier = earlier,
            Records = count,
            HasFaults = hasFaults,
            Notes = records.Notes,
            Absent = records.Absent,
            Version = new ContentVersion($"{source.Content.Version?.Value ?? $"sha256:{hash}"}{settings}"),
            Watermark = new FileWatermark(count, text.Length, hash).ToWatermark(),
        };
    }
}
