using System.Globalization;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Benchmarks.Tables;

/// <summary>
/// A CSV file from a known rule: whole numbers, numbers of several precisions, texts that repeat and texts that hardly do,
/// dates, missing values, quotes.
/// </summary>
internal static class GeneratedTable
{
    private static readonly string[] Cities = [.. Enumerable.Range(0, 200).Select(i => i % 9 == 0 ? $"\"City, {i}\"" : $"City {i}")];
    private static readonly string[] Plans = ["monthly", "yearly", "two years", "\"the \"\"old\"\" one\""];

    /// <summary>Writes the file; 10 columns or 20.</summary>
    public static void Write(string path, int rows, int columns)
    {
        var random = new Random(7);
        using var file = new StreamWriter(path, false, new UTF8Encoding(false), 1 << 20);
        file.WriteLine(string.Join(',', Enumerable.Range(0, columns).Select(i => $"c{i}")));
        var line = new StringBuilder();
        for (var row = 0; row < rows; row++)
        {
            line.Clear();
            for (var column = 0; column < columns; column++)
            {
                if (column > 0) line.Append(',');
                Append(line, column % 10, row, random);
            }

            file.WriteLine(line);
        }
    }

    private static void Append(StringBuilder to, int kind, int row, Random random)
    {
        switch (kind)
        {
            case 0: to.Append(row); break;
            case 1: to.Append(random.Next(100)); break;
            case 2: to.Append(CultureInfo.InvariantCulture, $"{random.NextDouble() * 1000:0.00}"); break;
            case 3: to.Append(CultureInfo.InvariantCulture, $"{random.NextDouble():R}"); break;
            case 4 when random.Next(20) == 0: break;
            case 4: to.Append(CultureInfo.InvariantCulture, $"{random.NextDouble() * 100 - 50:0.0000}"); break;
            case 5: to.Append(Cities[random.Next(Cities.Length)]); break;
            case 6: to.Append(Plans[random.Next(Plans.Length)]); break;
            case 7: to.Append(random.Next(2) == 0 ? "true" : "false"); break;
            case 8:
                to.Append(
                    DateTime.UnixEpoch.AddMinutes(random.Next(20_000_000)).ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture));
                break;
            default: to.Append(random.Next(1_000_000)); break;
        }
    }
}
