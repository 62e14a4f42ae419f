using System.Globalization;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>Where a page of a search ends, as a text.</summary>
internal static class RunCursor
{
    public static string Of(RunOrder order, RunRow last) => order.Metric is null
        ? string.Create(CultureInfo.InvariantCulture, $"{last.No}")
        : string.Create(CultureInfo.InvariantCulture, $"{last.No}:{BitConverter.DoubleToInt64Bits(last.Score):x16}");

    /// <exception cref="MlOpsException">The text is not one of such a search.</exception>
    public static (double? Score, long No)? Read(RunOrder order, string? text)
    {
        if (text is null) return null;
        var parts = text.Split(':');
        if (parts.Length == (order.Metric is null ? 1 : 2)
            && long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var no))
        {
            if (parts.Length == 1) return (null, no);
            if (long.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits))
            {
                return (BitConverter.Int64BitsToDouble(bits), no);
            }
        }

        throw new MlOpsException(
            "'After' is not where a page of this search ends.",
            "Pass the Next of the page before, with the same order; leave it out for the first page.");
    }
}
