using System.Globalization;
using MlOps.Sdk.Metrics;

namespace MlOps.Sdk.Tool;

/// <summary>Values as tables show them: the same in every culture.</summary>
internal static class Shown
{
    public static string Moment(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    public static string? Moment(DateTimeOffset? moment) => moment is { } at ? Moment(at) : null;

    public static string Number(double value) => value.ToString(
        Math.Abs(value) is > 0 and < 1e-4 or >= 1e15 ? "0.####E0" : "0.######", CultureInfo.InvariantCulture);

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string? Number(MetricValue? value) =>
        value is not { } metric ? null : metric.IsDefined ? Number(metric.Value) : "undefined";

    public static string Size(long bytes) => bytes switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB"),
    };

    public static string? Duration(DateTimeOffset from, DateTimeOffset? to) => to is { } end ? Duration(end - from) : null;

    public static string Duration(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours}:{time:mm\\:ss}")
        : time.TotalMinutes >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{time:m\\:ss} min")
            : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00} s");
}
