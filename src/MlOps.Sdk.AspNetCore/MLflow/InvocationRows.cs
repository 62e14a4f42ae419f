using System.Text.Json;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// The rows of a request to MLflow's scoring server: <c>dataframe_split</c>, <c>dataframe_records</c>, <c>instances</c> or <c>inputs</c>.
/// Not thread-safe.
/// </summary>
/// <remarks>Source: mlflow/pyfunc/scoring_server/__init__.py and mlflow/utils/proto_json_utils.py of mlflow/mlflow.</remarks>
internal sealed class InvocationRows(ReadOnlyMemory<byte> body, ModelServingOptions options) : RequestRows
{
    private const string Forms = "Send exactly one of dataframe_split, dataframe_records, instances and inputs.";

    private ReadOnlyMemory<byte>? _json;

    public override void Read(RowBuffer to, Mistakes mistakes)
    {
        var json = _json ??= PythonJson.WithoutNaN(body);
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = options.JsonDepth });
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject) throw Rejection.BadRequest($"The body is not an object. {Forms}");
            string? form = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var member = JsonText.Of(ref reader);
                reader.Read();
                if (member is not ("dataframe_split" or "dataframe_records" or "instances" or "inputs"))
                {
                    // What MLflow passes to its models, or ignores.
                    reader.Skip();
                    continue;
                }
                if (form is not null) throw Rejection.BadRequest($"The body has '{form}' and '{member}'. {Forms}");
                form = member;
                ReadForm(member, ref reader, to, mistakes);
            }

            reader.Read();
            if (form is null) throw Rejection.BadRequest($"The body has no rows. {Forms}");
        }
        catch (JsonException e)
        {
            throw Rejection.BadJson(e.LineNumber ?? 0, e.BytePositionInLine ?? 0, options.JsonDepth);
        }
    }

    private void ReadForm(string form, ref Utf8JsonReader reader, RowBuffer to, Mistakes mistakes)
    {
        switch (form)
        {
            case "dataframe_split" when reader.TokenType == JsonTokenType.StartObject: ReadSplit(ref reader, to, mistakes); break;
            case "inputs" when reader.TokenType == JsonTokenType.StartObject:
                JsonColumns.Read(ref reader, to, mistakes, options.BatchRows, unwraps: true);
                break;
            case "dataframe_records" or "instances" or "inputs" when reader.TokenType == JsonTokenType.StartArray:
                ReadRows(ref reader, to, mistakes);
                break;
            default:
                mistakes.Add(null, form, $"'{form}' has a wrong type.", "Send it as MLflow's scoring server takes it.");
                reader.Skip();
                break;
        }
    }

    // Each row an object, or its values in the order of the signature.
    private void ReadRows(ref Utf8JsonReader reader, RowBuffer to, Mistakes mistakes)
    {
        int[]? order = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                JsonRow.Read(ref reader, to, mistakes, options.BatchRows);
                continue;
            }
            order ??= [.. Enumerable.Range(0, to.Schema.Count)];
            ReadValues(ref reader, order, to, mistakes, isOnlyValue: reader.TokenType != JsonTokenType.StartArray);
        }
    }

    private void ReadSplit(ref Utf8JsonReader reader, RowBuffer to, Mistakes mistakes)
    {
        // The names may come after the values.
        Utf8JsonReader columns = default, data = default;
        var (hasColumns, hasData) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = JsonText.Of(ref reader);
            reader.Read();
            if (member == "columns" && reader.TokenType == JsonTokenType.StartArray)
            {
                columns = reader;
                hasColumns = true;
            }
            if (member == "data" && reader.TokenType == JsonTokenType.StartArray)
            {
                data = reader;
                hasData = true;
            }
            reader.Skip();
        }

        if (!hasData || !hasColumns)
        {
            mistakes.Add(null, "dataframe_split", "It has no columns or no data.", "Send columns and data, both arrays.");
            return;
        }
        var extra = new List<string>();
        var order = ReadNames(ref columns, to, extra, mistakes);
        while (data.Read() && data.TokenType != JsonTokenType.EndArray) ReadValues(ref data, order, to, mistakes, isOnlyValue: false);
        foreach (var name in extra) to.NoteExtraOfAll(name, to.Count);
    }

    // The columns in the order of the names; −1 for those that the model does not read.
    private static int[] ReadNames(ref Utf8JsonReader reader, RowBuffer to, List<string> extra, Mistakes mistakes)
    {
        var order = new List<int>();
        var seen = new bool[to.Schema.Count];
        var unknown = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var name = reader.TokenType == JsonTokenType.String ? JsonText.Of(ref reader) : null;
            reader.Skip();
            var column = name is not null && to.Schema.TryGetIndex(name, out var found) ? found : -1;
            if (column < 0 && name is not null && unknown.Count < 8) unknown.Add(name);
            if (column < 0 && name is not null && to.LooksForExtra) extra.Add(name);
            if (column >= 0 && seen[column])
            {
                mistakes.Add(null, name, $"'{JsonCell.Shown(to.Schema[column])}' is there twice.", "Send each column once.");
                column = -1;
            }
            if (column >= 0) seen[column] = true;
            order.Add(column);
        }

        to.UnknownOfAll = unknown;
        foreach (var field in to.Schema.Where((_, i) => !seen[i] && to.Rules?.Columns[i].MissingColumn is null or InputHandling.Accept))
        {
            if (mistakes.Note()) mistakes.List(
                null, field.Name, $"'{JsonCell.Shown(field)}' is missing.", JsonRow.RemedyOf(field, unknown));
        }

        return [.. order];
    }

    private void ReadValues(ref Utf8JsonReader reader, int[] order, RowBuffer to, Mistakes mistakes, bool isOnlyValue)
    {
        to.Begin(options.BatchRows);
        var row = to.Count - 1;
        var count = 0;
        if (isOnlyValue)
        {
            if (order.Length == 1) Append(ref reader, order[count++], to, row, mistakes);
            else
            {
                count = -1;
                reader.Skip();
            }
        }
        else if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (count < order.Length) Append(ref reader, order[count], to, row, mistakes);
                else reader.Skip();
                count++;
            }
        }
        else
        {
            count = -1;
            reader.Skip();
        }

        for (var i = 0; i < to.Schema.Count; i++)
        {
            if (!to.IsFilled(i) && !to.TakesMissing(row, i)) to.Columns[i].AppendNull();
        }

        if (count != order.Length)
        {
            mistakes.Add(
                row,
                null,
                count < 0 ? "The row is neither an object nor an array." : FormattableString.Invariant($"The row has {count} values."),
                FormattableString.Invariant($"Send {order.Length} values, or an object with a member for each column."));
        }
        mistakes.ThrowIfTooMany();
        to.CheckMisfits();
    }

    private static void Append(ref Utf8JsonReader reader, int column, RowBuffer to, int row, Mistakes mistakes)
    {
        if (column < 0)
        {
            reader.Skip();
            return;
        }
        to.Fill(column);
        JsonCell.Append(ref reader, to.Schema[column], to.Columns[column], row, mistakes);
    }
}
