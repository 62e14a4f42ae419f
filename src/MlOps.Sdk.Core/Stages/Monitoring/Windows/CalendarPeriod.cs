using System.Text.Json.Serialization;

namespace MlOps.Sdk.Monitoring;

/// <summary>A period of the calendar.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CalendarPeriod>))]
public enum CalendarPeriod
{
    /// <summary>An hour that begins with minute 0. Where clocks are put back, the repeated hour is a period of its own.</summary>
    Hour,

    /// <summary>A day, which has 23 or 25 hours where clocks are put forward or back.</summary>
    Day,

    /// <summary>A week, which begins on Monday (ISO 8601).</summary>
    Week,

    /// <summary>A month.</summary>
    Month,
}
