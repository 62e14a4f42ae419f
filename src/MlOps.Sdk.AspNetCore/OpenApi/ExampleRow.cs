using System.Text.Json;
using MlOps.Sdk.Data;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// An example of a row, column by column: the median of a number, and a text that many training rows have. Never a row of the training
/// data:
/// such a row is somebody's.
/// </summary>
internal sealed class ExampleRow(PackageBaseline baseline)
{
    // A text that fewer rows have could point to one of them.
    private const double CommonShare = 0.05;

    private readonly Dictionary<string, ColumnProfile> _profiles = baseline.Inputs
        .DistinctBy(column => column.Name)
        .ToDictionary(column => column.Name, column => column.Profile, StringComparer.Ordinal);

    public void Write(Utf8JsonWriter json, Field field)
    {
        var profile = _profiles.GetValueOrDefault(field.Name);
        switch (field.Type)
        {
            case ColumnType.Number: json.WriteNumberValue(Median(profile)); break;
            case ColumnType.Integer: json.WriteNumberValue((long)Median(profile)); break;
            case ColumnType.Boolean: json.WriteBooleanValue(false); break;
            case ColumnType.Timestamp: json.WriteStringValue("2024-01-31T12:00:00Z"u8); break;
            case ColumnType.Text: json.WriteStringValue(Common(profile) ?? "text"); break;
            case ColumnType.Vector:
                json.WriteStartArray();
                for (var i = 0; i < field.Length; i++) json.WriteNumberValue(0);
                json.WriteEndArray();
                break;
        }
    }

    private static double Median(ColumnProfile? profile) =>
        profile?.Quantiles is { Count: > 0 } quantiles && quantiles.Quantile(0.5) is var median && Math.Abs(median) < 1e15 ? median : 0;

    private static string? Common(ColumnProfile? profile) =>
        profile?.Items?.Top(1) is [var item] && item.Lower >= CommonShare * profile.Count ? item.Item : null;
}
