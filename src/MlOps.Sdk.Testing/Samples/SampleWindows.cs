using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;

namespace MlOps.Sdk.Testing;

/// <summary>
/// Windows of predictions as a drift monitor meets them, made by a real endpoint: a model is trained on <see cref="SampleRows"/>, predicts,
/// and its monitor hands the windows out. The column <c>plan</c> is observed, so its groups are counted. Every prediction has its label,
/// and <see cref="MonitoringWindow.Records"/> has the labelled predictions and the calls of each window.
/// </summary>
/// <param name="Stable">Predictions for rows like those of training.</param>
/// <param name="Shifted">Predictions for rows whose amounts are two standard deviations higher.</param>
/// <param name="Small">Fewer predictions than a verdict needs.</param>
public sealed record SampleWindows(MonitoringWindow Stable, MonitoringWindow Shifted, MonitoringWindow Small)
{
    private const string Model = "windows";

    /// <summary>Makes windows.</summary>
    /// <param name="rows">Predictions of the stable and of the shifted window, at least 200.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<SampleWindows> CreateAsync(int rows = 600, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 200);
        var clock = new Clock();
        var temporary = await TemporaryWorkspace.OpenAsync(options => options.Time = clock, cancellationToken).ConfigureAwait(false);
        await using (temporary.ConfigureAwait(false))
        {
            var capture = new Capture();
            var lifecycle = BlessedModels.Describe(Model, Trainers.LogisticRegression(), SampleRows.Create(800))
                .MonitorModel(monitoring => monitoring.Watch(capture))
                .Build();
            await lifecycle.RunAsync(temporary.Workspace, progress: null, cancellationToken).ConfigureAwait(false);
            return new SampleWindows(
                await WindowAsync(SampleRows.Create(rows, seed: 2)).ConfigureAwait(false),
                await WindowAsync(SampleRows.Create(rows, seed: 3, shift: 2)).ConfigureAwait(false),
                await WindowAsync(SampleRows.Create(20, seed: 4)).ConfigureAwait(false));

            async Task<MonitoringWindow> WindowAsync(Dataset rows)
            {
                // Calls are counted by the minute: those of one window must not be those of the next. A check begins a new count.
                clock.Later(TimeSpan.FromHours(1));
                await temporary.Workspace.Monitor(Model).CheckAsync(cancellationToken).ConfigureAwait(false);
                return await SampleWindows.WindowAsync(temporary.Workspace, capture, rows, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<MonitoringWindow> WindowAsync(
        Workspace workspace, Capture capture, Dataset rows, CancellationToken cancellationToken)
    {
        var endpoint = workspace.Endpoint(Model);
        var values = new Dictionary<string, object?>();
        var labels = new Dictionary<PredictionId, string>();
        for (var row = 0; row < rows.RowCount; row++)
        {
            foreach (var field in rows.Schema) values[field.Name] = Value(rows[field.Name], row);
            if (rows[SampleRows.Label].GetText(row) is { } label) labels[endpoint.Predict(values).Id] = label;
        }

        await workspace.Monitor(Model).LabelAsync(labels, cancellationToken).ConfigureAwait(false);

        await workspace.Monitor(Model).CheckAsync(cancellationToken).ConfigureAwait(false);
        return capture.Window!;
    }

    private static object? Value(Column column, int row) => column.IsNull(row) ? null : column switch
    {
        NumberColumn numbers => numbers.Values[row],
        IntegerColumn integers => integers.Values[row],
        BooleanColumn flags => flags.Values[row],
        TimestampColumn times => new DateTime(times.Values[row], DateTimeKind.Utc),
        _ => column.GetText(row),
    };

    /// <summary>A monitor that keeps the window and measures a change every time, so that the next window begins.</summary>
    private sealed class Capture : IDriftMonitor
    {
        public MonitoringWindow? Window { get; private set; }

        public string Name => "capture";

        public MonitorNeeds Needs =>
            MonitorNeeds.Inputs | MonitorNeeds.Scores | MonitorNeeds.Groups | MonitorNeeds.Labels | MonitorNeeds.Calls;

        public async ValueTask<IReadOnlyList<Measurement>> MeasureAsync(
            MonitoringWindow window, CancellationToken cancellationToken = default)
        {
            // The workspace is gone when the window is measured.
            await window.KeepRecordsAsync(cancellationToken).ConfigureAwait(false);
            Window = window;
            return [new Measurement
            {
                Signal = Signal.Custom, Subject = "window", Statistic = "none", Value = 0, PValue = 1, Effect = "none", EffectSize = 0,
                Material = 1
            }];
        }
    }

    /// <summary>The clock of the machine, some time later.</summary>
    private sealed class Clock : TimeProvider
    {
        private TimeSpan _later;

        public void Later(TimeSpan by) => _later += by;

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _later;
    }
}
