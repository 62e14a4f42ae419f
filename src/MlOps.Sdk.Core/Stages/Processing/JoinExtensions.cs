using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;
using static MlOps.Sdk.Processing.ColumnNames;

namespace MlOps.Sdk;

/// <summary>The steps that append columns of another table.</summary>
public static class JoinExtensions
{
    /// <summary>
    /// Set-wise: appends columns of a reference whose key equals the row's. A row never becomes several: two rows of the reference with one
    /// key are an error. A missing key equals none. Rows stream, the reference is read again in each run and held in memory; its content is
    /// part of the run's fingerprint.
    /// </summary>
    /// <param name="processing">The builder.</param>
    /// <param name="reference">The table to look up in.</param>
    /// <param name="on">The columns of the key, of the same names on both sides; at least one.</param>
    /// <param name="kind">What happens to a row without counterpart. Default: it stays, without values.</param>
    /// <param name="columns">The reference's columns to append. Default: all except the key.</param>
    /// <param name="prefix">What the new columns' names begin with. Default: nothing.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder Join(
        this ProcessingBuilder processing,
        IDataSource reference,
        IReadOnlyList<string> on,
        JoinKind kind = JoinKind.Left,
        IReadOnlyList<string>? columns = null,
        string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(reference);
        var wanted = columns is null ? null : on?.Concat(columns).Distinct(StringComparer.Ordinal).ToArray();
        return Join(processing, () => ReferenceTable.Of(reference, wanted), on!, kind, columns, prefix);
    }

    /// <inheritdoc cref="Join(ProcessingBuilder, IDataSource, IReadOnlyList{string}, JoinKind, IReadOnlyList{string}, string)"/>
    public static ProcessingBuilder Join(
        this ProcessingBuilder processing,
        Dataset reference,
        IReadOnlyList<string> on,
        JoinKind kind = JoinKind.Left,
        IReadOnlyList<string>? columns = null,
        string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(reference);
        return Join(processing, () => ReferenceTable.Of(reference), on, kind, columns, prefix);
    }

    /// <summary>
    /// Set-wise: appends to each row the features of its entity as they were known at the row's time, so that no row learns from its
    /// future: of the features whose event time and known time are not later than the row's time, those of the latest event; of the same
    /// event, those known last, then the later row. Exactly one row comes out for each that goes in, in order; without such features it has
    /// no values. Rows stream, the features are read again in each run and held in memory; their content is part of the run's fingerprint.
    /// Call it once for each table of features.
    /// </summary>
    /// <param name="processing">The builder.</param>
    /// <param name="features">The table of features.</param>
    /// <param name="entity">
    /// The columns that identify the entity, of the same names on both sides; at least one. A missing one equals none.
    /// </param>
    /// <param name="time">The Timestamp column of the rows' time. A row without a time is an error.</param>
    /// <param name="eventTime">The features' Timestamp column that says when what they tell happened; every row has one.</param>
    /// <param name="knownTime">
    /// The features' Timestamp column that says since when they are known; every row has one. Default: since the event.
    /// </param>
    /// <param name="maxAge">How long before the row's time the event may lie, this included. Default: any time.</param>
    /// <param name="columns">The features' columns to append. Default: all except entity, event time and known time.</param>
    /// <param name="prefix">What the new columns' names begin with. Default: nothing.</param>
    /// <returns>The builder.</returns>
    public static ProcessingBuilder PointInTimeJoin(
        this ProcessingBuilder processing,
        IDataSource features,
        IReadOnlyList<string> entity,
        string time,
        string eventTime,
        string? knownTime = null,
        TimeSpan? maxAge = null,
        IReadOnlyList<string>? columns = null,
        string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(features);
        string[]? wanted = columns is null || entity is null
            ? null
            : [.. entity.Append(eventTime).Concat(knownTime is null ? [] : [knownTime]).Concat(columns).Distinct(StringComparer.Ordinal)];
        return PointInTimeJoin(
            processing, () => ReferenceTable.Of(features, wanted), entity!, time, eventTime, knownTime, maxAge, columns, prefix);
    }

    /// <inheritdoc
    /// cref="PointInTimeJoin(ProcessingBuilder, IDataSource, IReadOnlyList{string}, string, string, string, TimeSpan?,
    /// IReadOnlyList{string}, string)"/>
    public static ProcessingBuilder PointInTimeJoin(
        this ProcessingBuilder processing,
        Dataset features,
        IReadOnlyList<string> entity,
        string time,
        string eventTime,
        string? knownTime = null,
        TimeSpan? maxAge = null,
        IReadOnlyList<string>? columns = null,
        string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(features);
        return PointInTimeJoin(processing, () => ReferenceTable.Of(features), entity, time, eventTime, knownTime, maxAge, columns, prefix);
    }

    // The table is read again in each run, so each run has its own step.
    private static ProcessingBuilder Join(
        ProcessingBuilder processing,
        Func<ReferenceTable> reference,
        IReadOnlyList<string> on,
        JoinKind kind,
        IReadOnlyList<string>? columns,
        string prefix)
    {
        ArgumentNullException.ThrowIfNull(processing);
        ArgumentNullException.ThrowIfNull(prefix);
        if (!Enum.IsDefined(kind)) throw new ArgumentOutOfRangeException(nameof(kind), kind, "A join must be inner or left.");
        var keys = Names(on, nameof(on));
        var chosen = columns is null ? null : Names(columns, nameof(columns));
        return processing.Apply(() => new JoinReference(reference(), keys, kind, chosen, prefix));
    }

    private static ProcessingBuilder PointInTimeJoin(
        ProcessingBuilder processing,
        Func<ReferenceTable> features,
        IReadOnlyList<string> entity,
        string time,
        string eventTime,
        string? knownTime,
        TimeSpan? maxAge,
        IReadOnlyList<string>? columns,
        string prefix)
    {
        ArgumentNullException.ThrowIfNull(processing);
        ArgumentNullException.ThrowIfNull(prefix);
        if (maxAge < TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(maxAge), maxAge, "An age must not be negative.");
        var keys = Names(entity, nameof(entity));
        var chosen = columns is null ? null : Names(columns, nameof(columns));
        var (requested, happened, known) = (Name(time), Name(eventTime), knownTime is null ? null : Name(knownTime));
        return processing.Apply(() => new PointInTimeJoin(features(), keys, requested, happened, known, maxAge, chosen, prefix));
    }
}
