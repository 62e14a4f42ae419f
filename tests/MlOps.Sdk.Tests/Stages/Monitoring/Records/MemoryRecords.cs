using System.Globalization;
using System.Runtime.InteropServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tests.Monitoring;

/// <summary>Records of a version in memory, whose labels, scores and calls a test sets.</summary>
internal sealed class MemoryRecords(LabelEncoding labels, ReleasedEvaluation released) : IRecordSource
{
    public static readonly DateTimeOffset At = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Schema s_input = new([new Field("group", ColumnType.Text)]);

    public List<(string Label, double[] Scores, string? Group)> Rows { get; init; } = [];

    public ServedCalls? Calls { get; init; }

    public Dictionary<DateTimeOffset, long[]> Volumes { get; } = [];

    /// <summary>A window over these records.</summary>
    public MonitoringWindow Window(int minimumRows = 200)
    {
        var window = MonitoringWindow.OfInputs("memory", new PackageBaseline(0, [], []), minimumRows);
        (window.From, window.To) = (At - TimeSpan.FromHours(1), At);
        window.Attach(new WindowRecords(Model, this));
        return window;
    }

    public RecordedModel Model { get; } = new(
        "memory",
        1,
        "hash",
        new Decision(labels, 0.5),
        s_input,
        false,
        new WindowShape(new PackageBaseline(0, [], []), null, []),
        new Dictionary<string, MetricValue>());

    public Task<LabelledPredictions> LabelledAsync(
        DateTimeOffset from, DateTimeOffset to, IReadOnlyList<string> attributes, CancellationToken cancellationToken)
    {
        var rows = new LabelledRows(Model, attributes);
        foreach (var (label, scores, group) in Rows)
        {
            var groups = new TextColumnBuilder();
            if (group is null) groups.AppendNull();
            else groups.Append(group);
            var bytes = new System.Buffers.ArrayBufferWriter<byte>();
            RowCodec.Write([groups.Build()], 0, bytes);
            rows.Add(new LabelledPrediction(
                1,
                new PredictionRow(
                    "id", "memory", 1, At, bytes.WrittenMemory, scores[0], MemoryMarshal.AsBytes(scores.AsSpan()).ToArray(), null),
                label,
                At));
        }

        return Task.FromResult(rows.Build(
            new LabelCoverage { Predictions = 2 * Rows.Count, Labelled = Rows.Count }, from, to));
    }

    public Task<ServedCalls> CallsAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        Task.FromResult(Calls!);

    public Task<long[]?> VolumeAsync(DateTimeOffset from, TimeSpan part, int parts, CancellationToken cancellationToken) =>
        Task.FromResult(Volumes.GetValueOrDefault(from));

    public Task<ReleasedEvaluation> ReleasedAsync(CancellationToken cancellationToken) => Task.FromResult(released);

    /// <summary>A number as labels are reported.</summary>
    public static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
