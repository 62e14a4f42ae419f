using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Rows of Arrow. Immutable.</summary>
internal sealed class ArrowRequest : RequestRows
{
    private readonly Schema _schema;
    private readonly IReadOnlyList<RecordBatch> _batches;

    private ArrowRequest(Schema schema, IReadOnlyList<RecordBatch> batches) => (_schema, _batches) = (schema, batches);

    /// <exception cref="Rejection">The bytes are not Arrow, have types that are not read, or too many rows.</exception>
    public static async Task<ArrowRequest> ReadAsync(
        ReadOnlyMemory<byte> body, bool isStream, ModelServingOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = new ReadOnlyMemoryStream(body);
            await using var disposed = bytes.ConfigureAwait(false);
            var reader = isStream
                ? await ArrowReader.OpenStreamAsync(bytes, "the body", cancellationToken).ConfigureAwait(false)
                : await ArrowReader.OpenAsync(bytes, "the body", cancellationToken).ConfigureAwait(false);
            var batches = new List<RecordBatch>();
            var (rows, text) = (0, 0L);
            if (reader.Schema.Count == 0) throw Rejection.BadRequest("The Arrow data has no columns.");
            await foreach (var batch in reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                rows += batch.RowCount;
                if (rows > options.BatchRows) throw Rejection.TooManyRows(options.BatchRows);
                text += batch.Columns.OfType<TextColumn>().Sum(TextOf);
                if (text > options.RequestBytes) throw Rejection.TooMuchText(options.RequestBytes);
                batches.Add(batch);
            }

            return new ArrowRequest(reader.Schema, batches);
        }
        catch (MlOpsException e)
        {
            throw Rejection.BadRequest(
                $"{e.Problem} Send columns of float64, int64, utf8 (plain or in a dictionary), bool, timestamp, or fixed-size lists of " +
                    "float32, without compression.");
        }
    }

    // A text in a dictionary counts for each row that has it, as in the other forms of rows: a few bytes a row must not make the model
    // read a long text as many times.
    private static long TextOf(TextColumn column)
    {
        var length = 0L;
        foreach (var code in column.Values)
        {
            if (code >= 0) length += column.Dictionary[code].Length;
        }

        return length;
    }

    public override void Read(RowBuffer to, Mistakes mistakes)
    {
        string[] names = [.. _schema.Take(64).Select(field => field.Name)];
        var columns = new int[to.Schema.Count];
        to.UnknownOfAll = [.. names.Where(name => !to.Schema.Contains(name))];
        for (var i = 0; i < columns.Length; i++)
        {
            var field = to.Schema[i];
            if (!_schema.TryGetIndex(field.Name, out columns[i]))
            {
                columns[i] = -1;
                if (to.Rules?.Columns[i].MissingColumn is not (null or InputHandling.Accept)) continue;
                if (mistakes.Note()) mistakes.List(
                    null, field.Name, $"'{JsonCell.Shown(field)}' is missing.", JsonRow.RemedyOf(field, names));
            }
            else if (!field.Takes(_schema[columns[i]]) && to.Columns[i].Misfits is null && mistakes.Note())
            {
                mistakes.List(
                    null,
                    field.Name,
                    $"'{JsonCell.Shown(field)}' is {_schema[columns[i]].Type}, and the model reads {field.Type}.",
                    $"Send {(field.Type == ColumnType.Vector ? $"lists of {field.Length} numbers" : field.Type)}.");
            }
        }
        if (mistakes.Count > 0) return;
        var rows = 0;
        foreach (var batch in _batches)
        {
            for (var i = 0; i < columns.Length; i++)
            {
                for (var row = 0; row < batch.RowCount; row++)
                {
                    if (columns[i] < 0) to.TakesMissing(rows + row, i);
                    else Append(batch.Columns[columns[i]], row, to, i, rows + row, mistakes);
                }
            }

            rows += batch.RowCount;
            to.CheckMisfits();
        }

        mistakes.ThrowIfTooMany();
        foreach (var field in to.LooksForExtra ? _schema.Where(field => !to.Schema.Contains(field.Name)) : [])
        {
            to.NoteExtraOfAll(field.Name, rows);
        }

        to.Complete(rows);
    }

    // Infinity and a vector with an element that is not a number are none, as in the other forms of rows; NaN is a missing number.
    private static void Append(Column from, int row, RowBuffer to, int column, int at, Mistakes mistakes)
    {
        var (builder, field) = (to.Columns[column], to.Schema[column]);
        if (from is NumberColumn numbers && !from.IsNull(row) && double.IsInfinity(numbers.Values[row]))
        {
            AppendMisfit(numbers.Values[row], $"The value of '{JsonCell.Shown(field)}' is not a finite number.");
            return;
        }
        if (!field.Takes(from.Type) || from.ElementCount != field.Length)
        {
            // The input contract handles it.
            CellConversion.Append(builder, ValueOf(from, row), field, coded: false);
            return;
        }
        if (from is not VectorColumn vectors
            || vectors.IsNull(row)
            || !vectors.GetVector(row).ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
        {
            builder.Append(from, row);
            return;
        }
        AppendMisfit(vectors.GetVector(row).ToArray(), $"An element of '{JsonCell.Shown(field)}' is not a number.");

        void AppendMisfit(object value, string problem)
        {
            if (builder.Misfits is { } misfits) misfits.Add((builder.Count, value));
            else if (mistakes.Note()) mistakes.List(at, field.Name, problem, JsonValueText.RemedyOf(field));
            builder.AppendNull();
        }
    }

    private static object? ValueOf(Column from, int row) => from switch
    {
        _ when from.IsNull(row) => null,
        NumberColumn numbers => numbers.Values[row],
        IntegerColumn integers => integers.Values[row],
        BooleanColumn flags => flags.Values[row],
        VectorColumn vectors => vectors.GetVector(row).ToArray(),
        _ => from.GetText(row),
    };
}
