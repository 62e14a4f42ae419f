namespace MlOps.Sdk.Monitoring;

/// <summary>
/// What all processes that share the workspace recorded of a window's version, also before the window: labelled predictions, and counts of
/// calls. Read from the workspace at each call. Thread-safe.
/// </summary>
public sealed class WindowRecords
{
    private readonly RecordedModel? _model;
    private readonly IRecordSource? _source;

    internal WindowRecords(RecordedModel? model, IRecordSource? source) => (_model, _source) = (model, source);

    /// <summary>
    /// Whether anything is recorded: not of a model that is served elsewhere, or of tables that are compared.
    /// </summary>
    public bool Exist => _source is not null;

    internal static WindowRecords None { get; } = new(null, null);

    /// <summary>The stored records of a version; none where its predictions are not recorded.</summary>
    internal static WindowRecords Of(RecordedModel? model, MonitoringServices services) =>
        model is null ? None : new WindowRecords(model, new StoredRecords(model, services));

    /// <summary>
    /// The version's predictions of a time with the labels that have arrived until now, joined by id. Of more than
    /// <see cref="LabelledPredictions.MostRows"/>, the newest are read.
    /// </summary>
    /// <param name="from">From when on predictions count, by the time when they were made.</param>
    /// <param name="to">Until when they count, included.</param>
    /// <param name="attributes">The recorded columns whose groups are needed. Default: none.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="MlOpsException">
    /// Nothing is recorded, an attribute is not, or a step of ProcessData computes the label, so that labels cannot be compared.
    /// </exception>
    public Task<LabelledPredictions> LabelledAsync(
        DateTimeOffset from,
        DateTimeOffset to,
        IReadOnlyList<string>? attributes = null,
        CancellationToken cancellationToken = default)
    {
        var source = Require();
        RequireComparable(_model!);
        return source.LabelledAsync(from, to, attributes ?? [], cancellationToken);
    }

    /// <summary>
    /// The calls of the version in a time. Counts are kept by the minute, for 30 days. Where a window ends, the check divides its minute:
    /// no call is in a complete window and in the next one of the version, and none is in neither. By count, the calls of that minute
    /// which are counted when the window is judged belong to it. At any other time, the minutes of both times count in full.
    /// </summary>
    /// <param name="from">From when on calls count.</param>
    /// <param name="to">Until when they count, not included.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="MlOpsException">Nothing is recorded.</exception>
    public Task<ServedCalls> CallsAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken = default) =>
        Require().CallsAsync(from, to, cancellationToken);

    internal Task<long[]?> VolumeAsync(DateTimeOffset from, TimeSpan part, int parts, CancellationToken cancellationToken) =>
        Require().VolumeAsync(from, part, parts, cancellationToken);

    internal Task<ReleasedEvaluation> ReleasedAsync(CancellationToken cancellationToken) => Require().ReleasedAsync(cancellationToken);

    /// <summary>The records of a time, read now.</summary>
    internal async Task<WindowRecords> KeepAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        if (_source is not StoredRecords stored) return this;
        return new WindowRecords(
            _model,
            new KeptRecords(
                _model!,
                await stored.ReadAsync(from, to, cancellationToken).ConfigureAwait(false),
                await stored.CoverAsync(from, to, cancellationToken).ConfigureAwait(false),
                await stored.CallsAsync(from, to, cancellationToken).ConfigureAwait(false),
                await stored.ReleasedAsync(cancellationToken).ConfigureAwait(false)));
    }

    /// <exception cref="MlOpsException">A step of ProcessData computes the label.</exception>
    internal static void RequireComparable(RecordedModel model)
    {
        if (!model.ChangesLabel) return;
        throw new MlOpsException(
            "A step of ProcessData computes the label, so predictions cannot be compared with the labels that are reported.",
            "Remove the monitors that need labels, or collect the label as it is predicted.") { Column = model.Decision.Labels.Label };
    }

    private IRecordSource Require() => _source ?? throw new MlOpsException(
        "Nothing is recorded of this window but its rows.",
        "Read labels and calls of models that are served with a workspace: check WindowRecords.Exist first.");
}
