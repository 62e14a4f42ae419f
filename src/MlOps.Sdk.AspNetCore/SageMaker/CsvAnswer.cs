using System.Buffers;
using System.Globalization;
using System.Text;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// Answers as CSV without a header: the label and the score of a classification, the number of a regression, a line for each row.
/// </summary>
internal static class CsvAnswer
{
    public static void Write(IBufferWriter<byte> to, Answers answers)
    {
        foreach (var row in answers.Rows)
        {
            var score = row.Value.Score.ToString("R", CultureInfo.InvariantCulture);
            Encoding.UTF8.GetBytes(row.Value.Label is { } label ? $"{Quoted(label)},{score}\n" : $"{score}\n", to);
        }
    }

    // RFC 4180.
    private static string Quoted(string text) =>
        text.AsSpan().IndexOfAny("\",\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
