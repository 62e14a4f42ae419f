using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>The records of a version that all processes stored in a workspace. Thread-safe.</summary>
internal sealed class StoredRecords(RecordedModel model, MonitoringServices services) : IRecordSource
{
    // Counts are kept by the minute: the first one may have begun a minute before.
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    public async Task<LabelledPredictions> LabelledAsync(
        DateTimeOffset from, DateTimeOffset to, IReadOnlyList<string> attributes, CancellationToken cancellationToken)
    {
        var rows = new LabelledRows(model, attributes);
        var until = Ticks.Add(to, TimeSpan.FromTicks(1));
        var coverage = await CoverAsync(from, to, cancellationToken).ConfigureAwait(false);
        if (coverage.Labelled == 0) return rows.Build(coverage, from, to);
        await foreach (var labelled in services.Outcomes.ReadNewestAsync(
            model.Model, model.Version, from, until, cancellationToken).ConfigureAwait(false))
        {
            rows.Add(labelled);
            if (rows.Read == LabelledPredictions.MostRows) break;
        }

        return rows.Build(coverage, from, to);
    }

    /// <summary>How many predictions of a time there are, and how many have a label.</summary>
    public Task<LabelCoverage> CoverAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        services.Outcomes.CoverAsync(
            model.Model, model.Version, from, Ticks.Add(to, TimeSpan.FromTicks(1)), cancellationToken);

    /// <summary>The newest labelled predictions of a time.</summary>
    public async Task<IReadOnlyList<LabelledPrediction>> ReadAsync(
        DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var read = new List<LabelledPrediction>();
        await foreach (var labelled in services.Outcomes.ReadNewestAsync(
            model.Model, model.Version, from, Ticks.Add(to, TimeSpan.FromTicks(1)), cancellationToken).ConfigureAwait(false))
        {
            read.Add(labelled);
            if (read.Count == LabelledPredictions.MostRows) break;
        }

        return read;
    }

    public async Task<ServedCalls> CallsAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var counts = await services.Calls.ReadAsync(model.Model, from, to, cancellationToken).ConfigureAwait(false);
        return new ServedCalls(model.Version, from, to, counts.GetValueOrDefault(model.Version) ?? new Deployment.CallCounts());
    }

    public async Task<long[]?> VolumeAsync(DateTimeOffset from, TimeSpan part, int parts, CancellationToken cancellationToken)
    {
        var first = await services.Calls.FirstAsync(model.Model, cancellationToken).ConfigureAwait(false);
        return first is null || first - from > s_minute
            ? null
            : await services.Calls.TotalsAsync(model.Model, from, part, parts, cancellationToken).ConfigureAwait(false);
    }

    public async Task<ReleasedEvaluation> ReleasedAsync(CancellationToken cancellationToken) =>
        await services.FindEvaluation(model, cancellationToken).ConfigureAwait(false) ?? new ReleasedEvaluation(model.Evaluated, 0);
}
