using System.Text.Json;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// An inference request of the Open Inference Protocol: a tensor for each column, of JSON or, after the JSON, of bytes. Not thread-safe.
/// </summary>
internal sealed class InferRequest : RequestRows
{
    private const int MostInputs = 100_000;
    private const int MostDimensions = 8;

    private readonly ModelServingOptions _options;
    private readonly ReadOnlyMemory<byte> _json;
    private readonly ReadOnlyMemory<byte> _binary;
    private readonly List<InferTensor> _inputs = [];
    private readonly List<Mistake> _mistakes = [];
    private List<string>? _outputs;
    private int _taken;

    /// <param name="body">The body.</param>
    /// <param name="jsonLength">How much of it is JSON.</param>
    /// <param name="options">The limits.</param>
    /// <exception cref="Rejection">The JSON cannot be read.</exception>
    public InferRequest(ReadOnlyMemory<byte> body, int jsonLength, ModelServingOptions options)
    {
        _options = options;
        _json = PythonJson.WithoutNaN(body[..jsonLength]);
        _binary = body[jsonLength..];
        try
        {
            ReadEnvelope();
        }
        catch (JsonException e)
        {
            throw Rejection.BadJson(e.LineNumber ?? 0, e.BytePositionInLine ?? 0, options.JsonDepth);
        }
        if (_taken < _binary.Length)
        {
            Add("inputs", "There are more bytes after the JSON than its inputs have.", "Let binary_data_size of the inputs sum to them.");
        }
    }

    /// <summary>What the answer is to repeat; <see langword="null"/> for nothing.</summary>
    public string? Id { get; private set; }

    /// <summary>The outputs that are wanted; <see langword="null"/> for all.</summary>
    public IReadOnlyList<string>? Outputs => _outputs;

    public override void RequireAnswers(LiveModel live)
    {
        if (_outputs is not { } wanted) return;
        string[] known = [.. InferAnswer.OutputsOf(live.Package.Decision.Labels).Select(output => output.Name)];
        if (wanted.FirstOrDefault(name => !known.Contains(name)) is not { } unknown) return;
        throw Rejection.OfMistake(new MlOpsException(
            $"The model has no output '{PrintableText.Shorten(unknown)}'.",
            $"Name some of {string.Join(", ", known)}, or leave outputs out.")
        {
            Column = "outputs"
        });
    }

    public override void Read(RowBuffer to, Mistakes mistakes)
    {
        foreach (var mistake in _mistakes) mistakes.Add(mistake.Row, mistake.Column, mistake.Problem, mistake.Remedy);
        var seen = new bool[to.Schema.Count];
        bool[] wrong = new bool[to.Schema.Count];
        var (unknown, extra) = (new List<string>(), new List<string>());
        foreach (var input in _inputs)
        {
            if (!to.Schema.TryGetIndex(input.Name, out var column))
            {
                // Tensors that are no columns are ignored, as members of rows are.
                if (unknown.Count < JsonColumns.MostUnknown) unknown.Add(input.Name);
                if (to.LooksForExtra) extra.Add(input.Name);
                continue;
            }
            if (seen[column])
            {
                mistakes.Add(null, input.Name, $"The input '{PrintableText.Shorten(input.Name)}' is there twice.", "Send each input once.");
                wrong[column] = true;
                continue;
            }
            seen[column] = true;
            if (CheckShape(input, to.Schema[column], to.Columns[column].Misfits is not null, mistakes) is not { } rows)
            {
                wrong[column] = true;
                continue;
            }
            if (rows > _options.BatchRows) throw Rejection.TooManyRows(_options.BatchRows);
            var before = mistakes.Count;
            TensorData.Read(input, to.Schema[column], to.Columns[column], (int)rows, _options.JsonDepth, mistakes);
            wrong[column] = mistakes.Count > before;
        }

        JsonColumns.Complete(to, seen, wrong, unknown, extra, mistakes);
    }

    // Values of another type are the input contract's, where it handles them.
    private static long? CheckShape(InferTensor input, Field field, bool takesMisfits, Mistakes mistakes)
    {
        if (!TensorType.Fits(input.Type, field) && (!takesMisfits || field.Type == ColumnType.Vector))
        {
            mistakes.Add(
                null,
                input.Name,
                $"The input '{JsonCell.Shown(field)}' has the datatype {input.Type}.",
                $"Send {TensorType.Of(field.Type)}.");
            return null;
        }
        var isVector = field.Type == ColumnType.Vector;
        var shape = input.Shape;
        var fits = isVector
            ? shape.Count == 2 && shape[1] == field.Length
            : shape.Count == 1 || shape.Count == 2 && shape[1] == 1;
        if (fits && shape[0] >= 0) return shape[0];
        mistakes.Add(
            null,
            input.Name,
            $"The input '{JsonCell.Shown(field)}' has the shape [{string.Join(", ", shape.Take(MostDimensions))}].",
            isVector ? FormattableString.Invariant($"Send [rows, {field.Length}].") : "Send [rows] or [rows, 1].");
        return null;
    }

    private void ReadEnvelope()
    {
        var reader = new Utf8JsonReader(_json.Span, new JsonReaderOptions { MaxDepth = _options.JsonDepth });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw Rejection.BadRequest("The body is not an object with inputs.");
        var hasInputs = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = JsonText.Of(ref reader);
            reader.Read();
            switch (member)
            {
                case "id" when reader.TokenType == JsonTokenType.String && JsonText.Of(ref reader) is { Length: <= 256 } id: Id = id; break;
                case "inputs" when !hasInputs && reader.TokenType == JsonTokenType.StartArray:
                    hasInputs = true;
                    ReadInputs(ref reader);
                    break;
                case "outputs" when _outputs is null && reader.TokenType == JsonTokenType.StartArray: ReadOutputs(ref reader); break;
                case "id" or "outputs" when reader.TokenType == JsonTokenType.Null: break;
                case "id" or "inputs" or "outputs":
                    Add(member, $"'{member}' is there twice, or has a wrong type.", "Send it as the protocol says.");
                    reader.Skip();
                    break;
                default: reader.Skip(); break;
            }
        }

        reader.Read();
        if (!hasInputs) Add("inputs", "'inputs' is missing.", "Send a tensor for each column that the model reads.");
    }

    private static JsonElement? NameOf(JsonElement output)
    {
        try
        {
            return output.ValueKind == JsonValueKind.Object
                && output.TryGetProperty("name", out var name)
                && name.ValueKind == JsonValueKind.String
                ? name
                : null;
        }
        catch (InvalidOperationException)
        {
            // The name of a member is half of a surrogate pair.
            return null;
        }
    }

    private void ReadOutputs(ref Utf8JsonReader reader)
    {
        _outputs = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (_outputs.Count > 16) throw Rejection.BadRequest("There are too many outputs.");
            using var output = JsonDocument.ParseValue(ref reader);
            if (NameOf(output.RootElement) is { } name)
            {
                _outputs.Add(TextOf(name));
            }
            else
            {
                Add("outputs", "An output has no name.", "Send an object with a name.");
            }
        }
    }

    private void ReadInputs(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (_inputs.Count >= MostInputs) throw Rejection.BadRequest("There are too many inputs.");
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadInput(ref reader);
                continue;
            }
            Add("inputs", "An input is not an object.", "Send an object with name, shape, datatype and data.");
            reader.Skip();
        }
    }

    private void ReadInput(ref Utf8JsonReader reader)
    {
        string? name = null, type = null;
        List<long>? shape = null;
        ReadOnlyMemory<byte>? data = null;
        long? binary = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = JsonText.Of(ref reader);
            reader.Read();
            switch (member)
            {
                case "name" when reader.TokenType == JsonTokenType.String: name = JsonText.Of(ref reader); break;
                case "datatype" when reader.TokenType == JsonTokenType.String: type = JsonText.Of(ref reader); break;
                case "shape" when reader.TokenType == JsonTokenType.StartArray: shape = ReadShape(ref reader); break;
                case "data" when reader.TokenType == JsonTokenType.StartArray:
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    data = _json[start..(int)reader.BytesConsumed];
                    break;
                case "parameters" when reader.TokenType == JsonTokenType.StartObject: binary = ReadBinarySize(ref reader); break;
                default: reader.Skip(); break;
            }
        }

        if (binary is { } size)
        {
            if (size < 0 || size > _binary.Length - _taken)
            {
                Add(name, "binary_data_size is more than there is after the JSON.", "Send the bytes of each input after the JSON.");
                return;
            }
            data = _binary.Slice(_taken, (int)size);
            _taken += (int)size;
        }
        if (string.IsNullOrEmpty(name) || shape is null || data is null || TensorType.SizeOf(type) < 0)
        {
            Add(
                name,
                "The input has no name, no shape, no data, or an unknown datatype.",
                "Send name, shape, datatype and data. Shared memory is not supported.");
            return;
        }
        _inputs.Add(new InferTensor(name, type!, shape, data.Value, binary is not null));
    }

    private static List<long>? ReadShape(ref Utf8JsonReader reader)
    {
        List<long>? shape = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (shape is { Count: < MostDimensions } && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var length))
            {
                shape.Add(length);
                continue;
            }
            shape = null;
            reader.Skip();
        }

        return shape;
    }

    private static long? ReadBinarySize(ref Utf8JsonReader reader)
    {
        long? size = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isSize = JsonText.Is(ref reader, "binary_data_size"u8);
            reader.Read();
            if (isSize) size = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var bytes) ? bytes : -1;
            reader.Skip();
        }

        return size;
    }

    private static string TextOf(JsonElement name)
    {
        try
        {
            return name.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }

    private void Add(string? member, string problem, string remedy)
    {
        if (_mistakes.Count < _options.ListedErrors) _mistakes.Add(new Mistake(null, member, problem, remedy));
    }
}
