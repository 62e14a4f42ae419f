using System.Globalization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>The rows of a table of features, by entity and time. Immutable and thread-safe.</summary>
internal sealed class FeatureHistory
{
    private readonly Dictionary<RowKey, (int Start, int End)> _entities = [];
    private readonly long _maxAge;

    // In the order of entity, event, time known and row.
    private readonly int[] _rows;
    private readonly long[] _events;
    private readonly long[] _known;

    // The earliest time known among the entity's rows up to this one: where it is too late, so are all before.
    private readonly long[] _earliest;

    /// <exception cref="MlOpsException">A column is missing or no Timestamp, or a row has no time.</exception>
    public FeatureHistory(
        ReferenceTable features, IReadOnlyList<string> entity, string eventTime, string? knownTime, TimeSpan? maxAge, string step)
    {
        var events = Times(features, eventTime, step);
        var known = knownTime is null ? events : Times(features, knownTime, step);
        var keys = JoinKeys.Of(features.Rows, entity, step);
        var numbers = new Dictionary<RowKey, int>();
        var entityOf = new int[keys.Length];
        var rows = new List<int>(keys.Length);
        for (var row = 0; row < keys.Length; row++)
        {
            if (keys[row] is not { } key) continue;
            numbers.TryAdd(key, numbers.Count);
            entityOf[row] = numbers[key];
            rows.Add(row);
        }

        rows.Sort((a, b) =>
            entityOf[a] != entityOf[b] ? entityOf[a].CompareTo(entityOf[b])
            : events.Values[a] != events.Values[b] ? events.Values[a].CompareTo(events.Values[b])
            : known.Values[a] != known.Values[b] ? known.Values[a].CompareTo(known.Values[b])
            : a.CompareTo(b));
        _maxAge = maxAge?.Ticks ?? long.MaxValue;
        _rows = [.. rows];
        _events = Array.ConvertAll(_rows, row => events.Values[row]);
        _known = Array.ConvertAll(_rows, row => known.Values[row]);
        _earliest = new long[_rows.Length];
        for (int i = 0, start = 0; i < _rows.Length; i++)
        {
            if (entityOf[_rows[i]] != entityOf[_rows[start]]) start = i;
            _earliest[i] = i == start ? _known[i] : Math.Min(_known[i], _earliest[i - 1]);
            _entities[keys[_rows[i]]!.Value] = (start, i + 1);
        }
    }

    /// <summary>Rejects features whose times cannot be used.</summary>
    /// <exception cref="MlOpsException">A column is missing or no Timestamp, or a row has no time.</exception>
    public static void Check(ReferenceTable features, string eventTime, string? knownTime, string step)
    {
        _ = Times(features, eventTime, step);
        if (knownTime is not null) _ = Times(features, knownTime, step);
    }

    /// <summary>The row of the features of an entity as they were known at a time; −1 for none.</summary>
    /// <param name="entity">The entity's key.</param>
    /// <param name="time">The time, in UTC ticks.</param>
    public int Find(RowKey entity, long time)
    {
        if (!_entities.TryGetValue(entity, out var range)) return -1;
        var (low, high) = range;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_events[middle] <= time) low = middle + 1;
            else high = middle;
        }

        for (var i = low - 1; i >= range.Start && _earliest[i] <= time && time - _events[i] <= _maxAge; i--)
        {
            if (_known[i] <= time) return _rows[i];
        }

        return -1;
    }

    private static TimestampColumn Times(ReferenceTable features, string column, string step)
    {
        var index = ColumnChange.Find(features.Rows.Schema, column, $"{step}, in its reference,");
        if (features.Rows.Columns[index] is not TimestampColumn times)
        {
            throw new MlOpsException(
                $"{step} needs a Timestamp column in its reference; this one is {features.Rows.Schema[index].Type}.",
                "Give the source a schema in which it is a Timestamp.") { DataSource = features.Name, Column = column };
        }
        if (times.NullCount == 0) return times;
        var row = 0;
        while (!times.IsNull(row)) row++;
        throw new MlOpsException(
            string.Create(CultureInfo.InvariantCulture, $"Row {row + 1} of the features has no time."),
            "Fill in the times, or remove such rows from the features.") { DataSource = features.Name, Column = column };
    }
}
