using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Predictions of one version that are judged together, as bounded profiles beside those of training. Complete and no longer
/// written to when a monitor sees it.
/// </summary>
public sealed class MonitoringWindow
{
    private const int MaxGroups = 100;

    private readonly Dictionary<string, Dictionary<string, (long Rows, long Positives)>> _groups;
    private readonly Decision? _decision;

    internal MonitoringWindow(string model, int version, WindowShape shape, int minimumRows)
    {
        Model = model;
        Version = version;
        MinimumRows = minimumRows;
        _decision = shape.Decision;
        ReferenceRows = shape.Baseline.RowCount;
        Inputs = [.. shape.Baseline.Inputs.Select(column => new ColumnWindow(column))];
        Predictions = [.. shape.Baseline.Predictions.Select(column => new ColumnWindow(column))];
        _groups = shape.Attributes.ToDictionary(
            attribute => attribute, _ => new Dictionary<string, (long, long)>(StringComparer.Ordinal));
    }

    /// <summary>The model.</summary>
    public string Model { get; }

    /// <summary>The version that predicted.</summary>
    public int Version { get; }

    /// <summary>
    /// The beginning: by the calendar that of the period, of predictions or of event times, with the offset of the time zone that the
    /// windows declare; otherwise the end of the version's window before that is complete, or since the last check of what was judged
    /// without predictions after it, in UTC: a prediction that another process stored later may be a little earlier. Where there was
    /// none, the time of the first prediction.
    /// </summary>
    public DateTimeOffset From { get; internal set; }

    /// <summary>
    /// The end, which does not belong to the window: by the calendar that of the period, with the offset of the time zone; since the
    /// last check the time of the check; by count a tick after the last prediction.
    /// </summary>
    public DateTimeOffset To { get; internal set; }

    /// <summary>
    /// What all processes recorded of the version, also before the window: labelled predictions and calls. Say what is read in
    /// <see cref="IDriftMonitor.Needs"/>.
    /// </summary>
    public WindowRecords Records { get; private set; } = WindowRecords.None;

    /// <summary>The number of predictions.</summary>
    public long RowCount { get; private set; }

    /// <summary>The number of training rows.</summary>
    public long ReferenceRows { get; }

    /// <summary>How many rows a side needs for a verdict.</summary>
    public int MinimumRows { get; }

    /// <summary>The columns that the model reads or observes.</summary>
    public IReadOnlyList<ColumnWindow> Inputs { get; private set; }

    /// <summary>The score, and for classifiers the decision.</summary>
    public IReadOnlyList<ColumnWindow> Predictions { get; }

    /// <summary>The attributes whose groups are counted: those that are protected or observed, and recorded.</summary>
    public IEnumerable<string> Attributes => _groups.Keys;

    /// <summary>
    /// Decisions by group; binary classification counts the positive ones. At most 100 groups are distinguished,
    /// the rest count as <c>(other)</c>.
    /// </summary>
    /// <param name="attribute">One of <see cref="Attributes"/>.</param>
    public IReadOnlyList<GroupWindow> Groups(string attribute) => _groups.TryGetValue(attribute, out var groups)
        ? [.. groups
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new GroupWindow(group.Key.Length == 0 ? null : group.Key, group.Value.Rows, group.Value.Positives))]
        : throw new MlOpsException(
            $"The attribute '{attribute}' is not recorded with the predictions of '{Model}'.",
            $"Name it in EngineerFeatures(features => features.Observe(\"{attribute}\")) and train again.") { Column = attribute };

    /// <summary>
    /// Reads the records of the window's time now, so that it can be measured without its workspace, for example in a test.
    /// <see cref="Records"/> then has the predictions and calls of that time only, whatever time is named. Not thread-safe.
    /// </summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async Task KeepRecordsAsync(CancellationToken cancellationToken = default) =>
        Records = await Records.KeepAsync(From, To, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// The version whose report has what is measured over all versions; <see langword="null"/> where it is this one.
    /// </summary>
    internal int? Main { get; set; }

    /// <summary>Says where records are read.</summary>
    internal void Attach(WindowRecords records) => Records = records;

    /// <summary>Whether positive decisions are counted at all.</summary>
    internal bool CountsPositives => _decision?.Labels.Task == TaskKind.BinaryClassification;

    /// <summary>A window of rows alone.</summary>
    internal static MonitoringWindow OfInputs(string name, PackageBaseline baseline, int minimumRows) =>
        new(name, 0, new WindowShape(baseline, null, []), minimumRows);

    /// <summary>A window of columns that were counted elsewhere.</summary>
    internal static MonitoringWindow OfCounted(
        string name, PackageBaseline baseline, int minimumRows, long rows, IReadOnlyList<ColumnWindow> columns) =>
        new(name, 0, new WindowShape(baseline, null, []), minimumRows) { RowCount = rows, Inputs = columns };

    internal void Add(RecordBatch rows)
    {
        RowCount += rows.RowCount;
        foreach (var input in Inputs) input.Add(rows[input.Name]);
    }

    /// <summary>Leaves columns out that cannot be compared.</summary>
    internal void Leave(IReadOnlySet<string> columns) => Inputs = [.. Inputs.Where(column => !columns.Contains(column.Name))];

    /// <summary>Adds columns in the order of the inputs.</summary>
    internal void Add(Column[] columns, int rows)
    {
        RowCount += rows;
        for (var i = 0; i < columns.Length; i++) Inputs[i].Add(columns[i]);
    }

    internal void Add(RecordBatch rows, ReadOnlySpan<double> scores)
    {
        Add(rows);
        var (score, decision) = PackageBaseline.PredictionColumns(_decision!, scores);
        Predictions[0].Add(score);
        if (decision is not null) Predictions[1].Add(decision);
        if (_decision!.Labels.Task != TaskKind.BinaryClassification) return;
        foreach (var (attribute, groups) in _groups)
        {
            var column = rows[attribute];
            for (var row = 0; row < rows.RowCount; row++)
            {
                Count(groups, column.GetText(row) ?? "", 1, scores[row] >= _decision.Threshold ? 1 : 0);
            }
        }
    }

    /// <summary>Adds rows with one score each.</summary>
    internal void Add(Dataset rows, ReadOnlySpan<double> scores)
    {
        var start = 0;
        foreach (var batch in rows.ToBatches())
        {
            Add(batch, scores.Slice(start, batch.RowCount));
            start += batch.RowCount;
        }
    }

    /// <summary>Adds the predictions of another window of the same version; the other is not changed.</summary>
    internal void Merge(MonitoringWindow other)
    {
        RowCount += other.RowCount;
        for (var i = 0; i < Inputs.Count; i++) Inputs[i].Merge(other.Inputs[i]);
        for (var i = 0; i < Predictions.Count; i++) Predictions[i].Merge(other.Predictions[i]);
        foreach (var (attribute, groups) in other._groups)
        {
            foreach (var (group, counts) in groups) Count(_groups[attribute], group, counts.Rows, counts.Positives);
        }
    }

    /// <summary>Writes the window; the same bytes for the same state.</summary>
    internal void Save(IBufferWriter<byte> to)
    {
        var writer = new BinaryOutput(to);
        writer.Int64(RowCount);
        foreach (var columns in new[] { Inputs, Predictions })
        {
            writer.Int32(columns.Count);
            foreach (var column in columns) column.Save(to);
        }

        writer.Int32(_groups.Count);
        foreach (var (attribute, groups) in _groups.OrderBy(attribute => attribute.Key, StringComparer.Ordinal))
        {
            writer.Text(attribute);
            writer.Int32(groups.Count);
            foreach (var (group, counts) in groups.OrderBy(group => group.Key, StringComparer.Ordinal))
            {
                writer.Text(group);
                writer.Int64(counts.Rows);
                writer.Int64(counts.Positives);
            }
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="MlOpsException">The bytes are damaged, or do not fit the shape.</exception>
    internal static MonitoringWindow Read(ref BinaryInput reader, string model, int version, WindowShape shape, int minimumRows)
    {
        var window = new MonitoringWindow(model, version, shape, minimumRows) { RowCount = reader.Count() };
        foreach (var columns in new[] { window.Inputs, window.Predictions })
        {
            if (reader.Int32() != columns.Count) throw reader.Damaged("its columns are not those of the version");
            foreach (var column in columns) column.Read(ref reader);
        }

        if (reader.Int32() != window._groups.Count) throw reader.Damaged("its attributes are not those of the version");
        for (var i = 0; i < window._groups.Count; i++)
        {
            if (!window._groups.TryGetValue(reader.Text(), out var groups)) throw reader.Damaged("an attribute is not one of the version");
            var count = reader.Length(20);
            if (count > MaxGroups + 1) throw reader.Damaged("it has too many groups");
            for (var group = 0; group < count; group++) groups[reader.Text()] = (reader.Count(), reader.Count());
        }

        return window;
    }

    private static void Count(Dictionary<string, (long Rows, long Positives)> groups, string group, long rows, long positives)
    {
        if (!groups.TryGetValue(group, out var counts) && groups.Count >= MaxGroups)
        {
            group = "(other)";
            counts = groups.GetValueOrDefault(group);
        }

        groups[group] = (counts.Rows + rows, counts.Positives + positives);
    }
}
