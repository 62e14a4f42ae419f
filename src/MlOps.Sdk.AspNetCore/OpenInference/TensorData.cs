using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Reads the elements of a tensor into a column.</summary>
internal static class TensorData
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a tensor whose type and shape fit the column.</summary>
    public static void Read(InferTensor input, Field field, ColumnBuilder to, int rows, int depth, Mistakes mistakes)
    {
        var before = mistakes.Count;
        if (input.IsBinary) ReadBytes(input, field, to, rows, mistakes);
        else ReadJson(input, field, to, rows, depth, mistakes);
        if (mistakes.Count == before && to.Count != rows)
        {
            mistakes.Add(
                null,
                input.Name,
                $"The input '{JsonCell.Shown(field)}' has not as many elements as its shape says.",
                "Send as many as the product of the shape.");
        }
    }

    // Elements may be nested like the shape, or in a row.
    private static void ReadJson(InferTensor input, Field field, ColumnBuilder to, int rows, int depth, Mistakes mistakes)
    {
        var reader = new Utf8JsonReader(input.Data.Span, new JsonReaderOptions { MaxDepth = depth });
        var vector = field.Type == ColumnType.Vector ? new float[field.Length] : null;
        var (at, isMisfit) = (0, false);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray) continue;
            if (to.Count >= rows)
            {
                at++;
                break;
            }
            if (vector is not null)
            {
                if (reader.TokenType != JsonTokenType.Number || !reader.TryGetSingle(out vector[at]) || !float.IsFinite(vector[at]))
                {
                    (vector[at], isMisfit) = (float.NaN, true);
                    reader.Skip();
                }
                if (++at < vector.Length) continue;
                if (isMisfit) AppendMisfit(to, vector.Clone(), field, mistakes);
                else ((VectorColumnBuilder)to).Append(vector);
                (at, isMisfit) = (0, false);
            }
            else if (to is NumberColumnBuilder numbers
                && input.Type is "FP32" or "FP16"
                && reader.TokenType == JsonTokenType.Number
                && reader.TryGetSingle(out var single)
                && float.IsFinite(single))
            {
                // 1.1 as a float is written as 1.100000023841858, and means 1.1.
                numbers.AppendSingle(single);
            }
            else
            {
                JsonCell.Append(ref reader, field, to, to.Count, mistakes);
            }
        }

        if (at > 0)
        {
            mistakes.Add(
                null, input.Name, $"The input '{JsonCell.Shown(field)}' has not as many elements as its shape says.",
                "Send as many as the product of the shape.");
        }
    }

    private static void ReadBytes(InferTensor input, Field field, ColumnBuilder to, int rows, Mistakes mistakes)
    {
        var bytes = input.Data.Span;
        var size = TensorType.SizeOf(input.Type);
        if (size == 0)
        {
            ReadTexts(bytes, field, to, rows, mistakes);
            return;
        }
        if (bytes.Length != (long)rows * field.Length * size)
        {
            mistakes.Add(
                null,
                input.Name,
                FormattableString.Invariant($"The input '{JsonCell.Shown(field)}' has {bytes.Length} bytes, which its shape does not fit."),
                FormattableString.Invariant($"Send {size} bytes for each element."));
            return;
        }
        if (to is VectorColumnBuilder vectors)
        {
            var vector = new float[field.Length];
            for (var row = 0; row < rows; row++)
            {
                for (var i = 0; i < vector.Length; i++)
                {
                    var element = Element(bytes[((row * vector.Length + i) * size)..], input.Type);
                    vector[i] = element is Half half ? (float)half : Convert.ToSingle(element, CultureInfo.InvariantCulture);
                }

                if (Array.TrueForAll(vector, float.IsFinite))
                {
                    vectors.Append(vector);
                    continue;
                }
                AppendMisfit(to, vector.Clone(), field, mistakes);
            }

            return;
        }
        for (var row = 0; row < rows; row++)
        {
            var value = Element(bytes[(row * size)..], input.Type);
            if (!IsInfinite(value) && CellConversion.Of(value, field) is { Fits: true } cell)
            {
                cell.AppendTo(to, coded: false);
                continue;
            }
            AppendMisfit(to, value, field, mistakes);
        }
    }

    // NaN is a missing number. Infinity, which JSON cannot say, is none.
    private static bool IsInfinite(object value) => value switch
    {
        double number => double.IsInfinity(number),
        float number => float.IsInfinity(number),
        Half number => Half.IsInfinity(number),
        _ => false,
    };

    // The input contract handles it, where it does; else it is a mistake of the row.
    private static void AppendMisfit(ColumnBuilder to, object value, Field field, Mistakes mistakes)
    {
        if (to.Misfits is { } misfits) misfits.Add((to.Count, value));
        else if (mistakes.Note())
        {
            mistakes.List(to.Count, field.Name, $"The value of '{JsonCell.Shown(field)}' does not fit.", JsonValueText.RemedyOf(field));
        }
        to.AppendNull();
    }

    private static object Element(ReadOnlySpan<byte> bytes, string type) => type switch
    {
        "BOOL" => bytes[0] != 0,
        "INT8" => (long)(sbyte)bytes[0],
        "UINT8" => (long)bytes[0],
        "INT16" => (long)BinaryPrimitives.ReadInt16LittleEndian(bytes),
        "UINT16" => (long)BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        "INT32" => (long)BinaryPrimitives.ReadInt32LittleEndian(bytes),
        "UINT32" => (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        "INT64" => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        "UINT64" => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        "FP16" => BinaryPrimitives.ReadHalfLittleEndian(bytes),
        "FP32" => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        _ => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
    };

    // Each text has its length in four bytes before it.
    private static void ReadTexts(ReadOnlySpan<byte> bytes, Field field, ColumnBuilder to, int rows, Mistakes mistakes)
    {
        for (var row = 0; row < rows; row++)
        {
            if (bytes.Length < 4
                || BinaryPrimitives.ReadUInt32LittleEndian(bytes) is var length && length > bytes.Length - 4
                || TextOf(bytes.Slice(4, (int)length)) is not { } text)
            {
                mistakes.Add(
                    row,
                    field.Name,
                    $"The texts of '{JsonCell.Shown(field)}' end too early, or are not UTF-8.",
                    "Send each with its length.");
                return;
            }
            bytes = bytes[(4 + (int)length)..];
            if (CellConversion.Of(text, field) is { Fits: true } cell) cell.AppendTo(to, coded: false);
            else AppendMisfit(to, text, field, mistakes);
        }

        if (bytes.Length > 0)
        {
            mistakes.Add(
                null, field.Name, $"'{JsonCell.Shown(field)}' has more bytes than its shape says.", "Send a text for each element.");
        }
    }

    private static string? TextOf(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return Strict.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
