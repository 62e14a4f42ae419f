using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>Records of one time that were read once. Thread-safe.</summary>
/// <param name="model">The version.</param>
/// <param name="labelled">Its labelled predictions, the newest first.</param>
/// <param name="coverage">How many predictions there are, and how many with a label.</param>
/// <param name="calls">Its calls.</param>
/// <param name="released">How good it was when it was released.</param>
internal sealed class KeptRecords(
    RecordedModel model,
    IReadOnlyList<LabelledPrediction> labelled,
    LabelCoverage coverage,
    ServedCalls calls,
    ReleasedEvaluation released) : IRecordSource
{
    public Task<LabelledPredictions> LabelledAsync(
        DateTimeOffset from, DateTimeOffset to, IReadOnlyList<string> attributes, CancellationToken cancellationToken)
    {
        var rows = new LabelledRows(model, attributes);
        foreach (var prediction in labelled) rows.Add(prediction);
        return Task.FromResult(rows.Build(coverage, from, to));
    }

    public Task<ServedCalls> CallsAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        Task.FromResult(calls);

    public Task<long[]?> VolumeAsync(DateTimeOffset from, TimeSpan part, int parts, CancellationToken cancellationToken) =>
        Task.FromResult<long[]?>(null);

    public Task<ReleasedEvaluation> ReleasedAsync(CancellationToken cancellationToken) => Task.FromResult(released);
}
