using System.Text;
using System.Text.Unicode;
using CsvHelper;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// Rows of CSV below a first line with names of columns, or without one in the order of names that were agreed. An empty value is missing.
/// Not thread-safe.
/// </summary>
/// <param name="body">The CSV.</param>
/// <param name="options">The limits.</param>
/// <param name="columns">The order of values without a first line of names; <see langword="null"/> for none, so that it is needed.</param>
internal sealed class CsvRows(ReadOnlyMemory<byte> body, ModelServingOptions options, IReadOnlyList<string>? columns) : RequestRows
{
    private const int ShownColumns = 20;

    public override void Read(RowBuffer to, Mistakes mistakes)
    {
        if (!Utf8.IsValid(body.Span)) throw Rejection.BadRequest("The body is not UTF-8.");
        try
        {
            using var csv = CsvReader.Create(
                new ReadOnlyMemoryStream(body),
                new CsvReaderOptions
                {
                    HasHeader = false,
                    MaxRecordSize = Math.Max(1, body.Length),
                    OnMalformedRecord = _ => throw Malformed(),
                },
                leaveOpen: false);
            int[]? order = null;
            while (csv.Read())
            {
                if (order is null)
                {
                    order = NamesOf(csv, to.Schema);
                    if (order is not null) continue;
                    order = columns is null ? throw NoNames(csv, to.Schema) : [.. columns.Select(name => IndexOf(name, to.Schema))];
                }
                ReadRow(csv, order, to, mistakes);
            }
        }
        catch (CsvFormatException)
        {
            throw Malformed();
        }
    }

    private static Rejection Malformed() =>
        Rejection.BadRequest("The body is not CSV: quote values with commas, quotes and line breaks, and double the quotes in them.");

    // Values of a wrong order may all have the right type, and nobody would notice.
    private static Rejection NoNames(CsvReader csv, Schema schema)
    {
        var fields = Enumerable.Range(0, csv.FieldCount).Select(i => csv.GetString(i).Trim()).ToList();
        var known = fields.FindIndex(name => schema.TryGetIndex(name, out _));
        var names = string.Join(", ", schema.Select(field => field.Name).Take(ShownColumns));
        if (schema.Count > ShownColumns) names += ", …";
        var wrong = fields.Find(name => !schema.TryGetIndex(name, out _));
        return Rejection.BadRequest(
            (known < 0
                ? "The first line has no names of columns. "
                : wrong is null
                    ? "The first line has a name of a column twice. "
                    : $"The first line has '{PrintableText.Shorten(wrong)}', which is no column of the model. ") +
            $"Send a first line with the names of the columns, in the order of the values: {names}");
    }

    private static int IndexOf(string name, Schema schema) => schema.TryGetIndex(name, out var index)
        ? index
        : throw Rejection.BadRequest(
            $"The server is set to CSV without names of columns, and the model has no column '{PrintableText.Shorten(name)}': send a " +
                "first line with names, and tell who runs the server.");

    // A first line that has nothing but names of columns, each once, is a header.
    private static int[]? NamesOf(CsvReader csv, Schema schema)
    {
        var order = new int[csv.FieldCount];
        for (var i = 0; i < order.Length; i++)
        {
            if (!schema.TryGetIndex(csv.GetString(i).Trim(), out order[i]) || order.AsSpan(0, i).Contains(order[i])) return null;
        }

        return order;
    }

    private void ReadRow(CsvReader csv, int[] order, RowBuffer to, Mistakes mistakes)
    {
        to.Begin(options.BatchRows);
        var row = to.Count - 1;
        for (var i = 0; i < Math.Min(order.Length, csv.FieldCount); i++)
        {
            to.Fill(order[i]);
            Append(csv.GetSpan(i), to.Schema[order[i]], to.Columns[order[i]], row, mistakes);
        }

        for (var i = 0; i < to.Schema.Count; i++)
        {
            if (to.IsFilled(i)) continue;
            if (!to.TakesMissing(row, i)) to.Columns[i].AppendNull();
        }

        if (csv.FieldCount != order.Length)
        {
            mistakes.Add(
                row,
                null,
                FormattableString.Invariant($"The row has {csv.FieldCount} values."),
                FormattableString.Invariant($"Send {order.Length} values in the order of the columns, or a first line with their names."));
        }
        mistakes.ThrowIfTooMany();
        to.CheckMisfits();
    }

    private static void Append(ReadOnlySpan<byte> utf8, Field field, ColumnBuilder to, int row, Mistakes mistakes)
    {
        if (utf8.IsEmpty)
        {
            to.AppendNull();
            return;
        }

        switch (to)
        {
            case TextColumnBuilder texts: texts.AppendUncoded(Encoding.UTF8.GetString(utf8)); return;
            case NumberColumnBuilder numbers when FieldText.TryNumber(utf8, out var number): numbers.Append(number); return;
            case IntegerColumnBuilder integers when FieldText.TryInteger(utf8, out var whole): integers.Append(whole); return;
            case BooleanColumnBuilder flags when FieldText.TryBoolean(utf8, out var flag): flags.Append(flag); return;
            case TimestampColumnBuilder times when FieldText.TryTimestamp(utf8, out var ticks):
                times.Append(new DateTime(ticks, DateTimeKind.Utc));
                return;
        }

        var text = Encoding.UTF8.GetString(utf8);
        if (to.Misfits is { } misfits)
        {
            // The input contract handles it.
            misfits.Add((to.Count, text));
            to.AppendNull();
            return;
        }
        to.AppendNull();
        if (mistakes.Note())
        {
            mistakes.List(
                row,
                field.Name,
                $"The value of '{JsonCell.Shown(field)}' is '{PrintableText.Shorten(text)}'.",
                JsonValueText.RemedyOf(field));
        }
    }
}
