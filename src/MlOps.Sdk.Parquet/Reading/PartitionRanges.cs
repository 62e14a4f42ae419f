using System.Globalization;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Divides ranges into those of columns in the files, and those of columns in their paths. Thread-safe.</summary>
internal sealed class PartitionRanges(ParquetReading reading)
{
    /// <summary>What a file is read for, with the ranges of columns that are in it.</summary>
    public ParquetReading OfFiles(IReadOnlyList<(string Column, string? Value)> partition) => reading with
    {
        Ranges = [.. reading.Ranges.Where(range => !partition.Any(folder => folder.Column == range.Column))],
    };

    /// <summary>Whether folders do not say that all rows of a file are out of range.</summary>
    public bool MayMatch(IReadOnlyList<(string Column, string? Value)> partition) => partition.All(MayMatch);

    private bool MayMatch((string Column, string? Value) folder)
    {
        if (reading.Ranges.FirstOrDefault(range => range.Column == folder.Column) is not { } range) return true;
        if (folder.Value is not { } value) return false;
        return (range.From, range.To) switch
        {
            (long from, long to) => Whole(value) is { } whole && whole >= from && whole <= to,
            (double from, double to) => Whole(value) is { } whole && whole >= from && whole <= to,
            (string from, string to) => Compare(value, from) >= 0 && Compare(value, to) <= 0,
            _ => throw new MlOpsException(
                $"The range of the column '{PrintableText.Shorten(range.Column)}' is one of points in time, and the column is in the " +
                    "paths of the files, which are whole numbers or texts.",
                "Call Where with whole numbers or texts.") { Column = range.Column },
        };
    }

    private static long? Whole(string value) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : null;

    private static int Compare(string a, string b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b));
}
