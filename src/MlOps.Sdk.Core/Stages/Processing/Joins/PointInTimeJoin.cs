using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Appends to each row the features of its entity as they were known at the row's time: those of the latest event that had happened and was
/// known by then. One row comes out for each that goes in, in order; rows stream, the features are held in memory.
/// </summary>
internal sealed class PointInTimeJoin(
    ReferenceTable features,
    string[] entity,
    string requestTime,
    string eventTime,
    string? knownTime,
    TimeSpan? maxAge,
    string[]? columns,
    string prefix) : IReferenceProcessor
{
    private readonly MatchCount _matches = new();

    public ReferenceTable Reference => features;

    public string? Note => _matches.Describe(features.Name, entity, ToString());

    public Schema Bind(Schema input)
    {
        JoinKeys.Check(input, features.Rows.Schema, entity, ToString());
        _ = new EventTime(input, requestTime, ToString());
        FeatureHistory.Check(features, eventTime, knownTime, ToString());
        return Columns(input).Output;
    }

    public async IAsyncEnumerable<RecordBatch> ProcessAsync(
        IAsyncEnumerable<RecordBatch> rows,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var history = new FeatureHistory(features, entity, eventTime, knownTime, maxAge, ToString());
        (JoinKeys Keys, EventTime Clock, ReferenceColumns Columns)? bound = null;
        var keys = new RowKey[RecordBatch.MaxRows];
        var isComplete = new bool[RecordBatch.MaxRows];
        long before = 0;
        await foreach (var batch in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var (hasher, clock, appended) = bound ??= (
                new JoinKeys(batch.Schema, entity, ToString()),
                new EventTime(batch.Schema, requestTime, ToString()),
                Columns(batch.Schema));
            clock.Check(batch, before);
            hasher.Compute(batch, keys, isComplete);
            var matches = new int[batch.RowCount];
            for (var row = 0; row < matches.Length; row++)
            {
                matches[row] = isComplete[row] ? history.Find(keys[row], clock.Of(batch, row)) : -1;
            }
            _matches.Add(matches);
            before += batch.RowCount;
            yield return appended.Append(batch, matches);
        }
    }

    public override string ToString() =>
        $"point-in-time-join({features.Name}; {string.Join(", ", entity)}; " +
        $"{eventTime}{(knownTime is null ? "" : $", known {knownTime}")} by {requestTime}{(maxAge is null ? "" : $"; up to {maxAge}")}" +
        $"{(columns is null ? "" : $"; {string.Join(", ", columns)}")}{(prefix.Length == 0 ? "" : $"; prefix {prefix}")})";

    private ReferenceColumns Columns(Schema input) => new(
        input,
        features.Rows,
        columns,
        [.. entity, eventTime, .. knownTime is null ? Array.Empty<string>() : [knownTime]],
        prefix,
        ToString());
}
