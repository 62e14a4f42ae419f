using System.Globalization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Exploration;

/// <summary>Finds columns with times after the prediction.</summary>
internal static class LaterTimes
{
    /// <summary>The column with the moments of the predictions.</summary>
    /// <exception cref="MlOpsException">It is missing, or has another type.</exception>
    public static TimestampColumn Require(Dataset rows, string name)
    {
        NearestName.Require([name], "PredictedAt", rows.Schema);
        return rows[name] as TimestampColumn
            ?? throw new MlOpsException(
                $"PredictedAt names the column '{name}', which is {rows[name].Type}, but must be Timestamp.",
                "Name a Timestamp column, or convert this one with ParseDates in ProcessData.") { Column = name };
    }

    /// <summary>
    /// The suspicion against a column; <see langword="null"/> when it has no time after the prediction, or no times at all.
    /// </summary>
    public static LeakageSuspect? Suspect(string name, Column column, string momentName, TimestampColumn moments)
    {
        if (column is not TimestampColumn times) return null;
        List<long> later = [];
        var compared = 0;
        for (var row = 0; row < times.Length; row++)
        {
            if (times.IsNull(row) || moments.IsNull(row)) continue;
            compared++;
            if (times.Values[row] > moments.Values[row]) later.Add(times.Values[row] - moments.Values[row]);
        }

        if (later.Count == 0) return null;
        later.Sort();
        var share = (double)later.Count / compared;
        return new LeakageSuspect(name, LeakageReason.LaterThanPrediction, share, string.Create(CultureInfo.InvariantCulture,
            $"{name} lies after {momentName} in {later.Count:N0} of {compared:N0} rows ({100 * share:0.#} %), in the middle by " +
                $"{Show(TimeSpan.FromTicks(later[later.Count / 2]))}: " +
                $"when the prediction is made, it is not known yet.")) { Rows = later.Count };
    }

    private static string Show(TimeSpan span) => span switch
    {
        { TotalDays: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0.#} days"),
        { TotalHours: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0.#} hours"),
        { TotalMinutes: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0.#} minutes"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.######} seconds"),
    };
}
