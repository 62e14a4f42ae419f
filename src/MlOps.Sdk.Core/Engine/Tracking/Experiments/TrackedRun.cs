using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>
/// A run that code of its own logs into: a notebook, a script, a search that is not one of stage 7. Thread-safe.
/// <code>
/// await using var run = await workspace.StartRunAsync("churn-notebook");
/// await run.LogParameterAsync("leaves", 31);
/// run.LogMetric("loss", 0.31, step: 1);
/// await run.CompleteAsync();
/// </code>
/// </summary>
/// <remarks>
/// What has been awaited is on disk. Metrics are written in the background, by <see cref="FlushAsync"/>, and at the end of the run. A run
/// that is disposed of before it was completed is Interrupted, and so is one whose process was killed: it never shows as finished.
/// </remarks>
public sealed class TrackedRun : IAsyncDisposable
{
    private readonly IRunHost _host;
    private readonly RunTracker _tracker;

    internal TrackedRun(IRunHost host, RunTracker tracker, RunLog log)
    {
        (_host, _tracker) = (host, tracker);
        Logger = host.Logger.For(log);
    }

    /// <summary>The id of the run.</summary>
    public string Id => _tracker.RunId;

    /// <summary>The name of the experiment.</summary>
    public string Name => _tracker.Lifecycle;

    /// <summary>
    /// Logs into the log of the run, which <see cref="RunHistory.LogAsync"/> reads, and to the loggers of the application. Returns at once;
    /// what is logged is on disk about half a second later, and when the run has ended.
    /// </summary>
    public ILogger Logger { get; }

    /// <summary>
    /// Cancelled when another process has taken the run for dead, because this one sent no heartbeat for too long: nothing more can be
    /// logged.
    /// </summary>
    public CancellationToken Lost => _tracker.OwnershipLost;

    /// <summary>Logs a parameter. Parameters are written once: what a run was made with does not change.</summary>
    /// <param name="name">The parameter, up to 250 characters.</param>
    /// <param name="value">Its value; numbers and times are written as any culture reads them.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">The parameter has another value already, or the run has ended or is lost.</exception>
    public Task LogParameterAsync(string name, object? value, CancellationToken cancellationToken = default) =>
        LogParametersAsync([new(name, value)], cancellationToken);

    /// <summary>Logs parameters in one write: all or none.</summary>
    /// <param name="parameters">The parameters; see <see cref="LogParameterAsync"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">One has another value already, or the run has ended or is lost.</exception>
    public Task LogParametersAsync(
        IEnumerable<KeyValuePair<string, object?>> parameters, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        (string Name, string Value)[] texts =
        [
            .. parameters.Select(each =>
            {
                RunText.Check(each.Key, nameof(parameters));
                return (each.Key, RunText.ValueOf(each.Value, nameof(parameters)));
            }),
        ];
        return _tracker.WriteAsync(
            connection =>
            {
                foreach (var (name, value) in texts)
                {
                    if (RunParameterTable.PutOnce(connection, _tracker.No, name, value) is { } former && former != value)
                    {
                        throw new MlOpsException(
                            $"The parameter '{name}' of run '{Id}' is '{Shortened(former)}' already, " +
                                $"and cannot become '{Shortened(value)}'.",
                            "Start another run for other parameters, for example with StartChildAsync; a tag can change.");
                    }
                }
            },
            cancellationToken);
    }

    /// <summary>
    /// Logs a value of a metric series. Returns at once and allocates nothing; waits rather than lose a value when the disk cannot follow.
    /// </summary>
    /// <param name="name">The metric, up to 250 characters.</param>
    /// <param name="value">The value, which may be NaN.</param>
    /// <param name="step">The place in the series; the last value of a step counts.</param>
    /// <exception cref="ArgumentException">The name is empty, too long, or has a character that cannot be stored.</exception>
    /// <exception cref="MlOpsException">The run has ended, or metrics could not be stored, and no more fit in memory.</exception>
    public void LogMetric(string name, double value, long step = 0)
    {
        RunText.Check(name, nameof(name));
        _tracker.LogMetric(name, value, step);
    }

    /// <summary>Writes the metrics that were logged before.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public Task FlushAsync(CancellationToken cancellationToken = default) => _tracker.FlushAsync(cancellationToken);

    /// <summary>Sets a tag, over the value that it has.</summary>
    /// <param name="name">The tag, up to 250 characters.</param>
    /// <param name="value">Its value; <see langword="null"/> removes it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task SetTagAsync(string name, string? value, CancellationToken cancellationToken = default) =>
        _host.Runs.SetTagAsync(Id, name, value, cancellationToken);

    /// <summary>Adds a note.</summary>
    /// <param name="text">The note, up to 100,000 characters.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task AddNoteAsync(string text, CancellationToken cancellationToken = default) =>
        _host.Runs.AddNoteAsync(Id, text, cancellationToken);

    /// <summary>Keeps content with the run, over content of the same name.</summary>
    /// <param name="name">Its name within the run, such as <c>plots/roc.svg</c>, up to 250 characters.</param>
    /// <param name="content">Read to its end, not disposed of.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What is kept: it is not collected as long as the run is there.</returns>
    public async Task<RunArtifact> LogArtifactAsync(string name, Stream content, CancellationToken cancellationToken = default)
    {
        RunText.Check(name, nameof(name));
        ArgumentNullException.ThrowIfNull(content);
        var info = await _host.ArtifactsOf(Id).PutAsync(content, cancellationToken).ConfigureAwait(false);
        var artifact = new RunArtifact(name, info.Id, info.Size, _host.Time.GetUtcNow());
        await _tracker.WriteAsync(
            connection =>
            {
                ArtifactRefTable.Add(connection, RunTracker.OwnerKind, Id, [artifact.Id]);
                ExperimentTable.PutArtifact(
                    connection,
                    _tracker.No,
                    new RunArtifactRow { Name = name, Artifact = artifact.Id.Hex, Length = artifact.Length, At = artifact.At.UtcTicks });
            },
            cancellationToken).ConfigureAwait(false);
        return artifact;
    }

    /// <summary>Keeps bytes with the run, over content of the same name.</summary>
    /// <param name="name">Their name within the run, up to 250 characters.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What is kept.</returns>
    public async Task<RunArtifact> LogArtifactAsync(
        string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        using var stream = new ReadOnlyMemoryStream(content);
        return await LogArtifactAsync(name, stream, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Keeps a file with the run, over content of the same name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">Its name within the run; <see langword="null"/> for the name of the file.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What is kept.</returns>
    /// <exception cref="MlOpsException">The file cannot be read.</exception>
    public async Task<RunArtifact> LogFileAsync(string path, string? name = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        FileStream file;
        try
        {
            file = File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new MlOpsException(
                $"The file cannot be read: {e.Message}", "Check the path and the permissions.", e) { DataSource = path };
        }
        await using (file.ConfigureAwait(false))
        {
            return await LogArtifactAsync(name ?? Path.GetFileName(path), file, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Notes which rows the run uses: their number, columns, and a hash of their content. The rows themselves are not kept.
    /// </summary>
    /// <param name="name">Their name, up to 250 characters.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="role">What they are used for, such as <c>training</c> or <c>holdout</c>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What was noted; the hash is that of a snapshot of the same rows.</returns>
    public async Task<RunDataset> LogDatasetAsync(
        string name, Dataset rows, string role = "training", CancellationToken cancellationToken = default)
    {
        RunText.Check(name, nameof(name));
        RunText.Check(role, nameof(role));
        ArgumentNullException.ThrowIfNull(rows);
        var columns = string.Join(", ", rows.Schema.Select(field => $"{field.Name}: {field.Type}"));
        var dataset = new RunDataset(
            name, role, rows.RowCount, await HashAsync(rows, cancellationToken).ConfigureAwait(false), columns);
        await _tracker.WriteAsync(
            connection => ExperimentTable.PutDataset(
                connection,
                _tracker.No,
                new RunDatasetRow { Name = name, Role = role, Rows = dataset.Rows, Hash = dataset.Hash, Columns = columns }),
            cancellationToken).ConfigureAwait(false);
        return dataset;
    }

    /// <summary>Starts a run that belongs to this one.</summary>
    /// <param name="name">Its name; <see langword="null"/> for that of this run.</param>
    /// <param name="options">Its tags and seed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">This run has ended.</exception>
    public Task<TrackedRun> StartChildAsync(
        string? name = null, TrackedRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        _tracker.RequireOpen();
        return _host.StartAsync(name ?? Name, options ?? new TrackedRunOptions(), Id, cancellationToken);
    }

    /// <summary>Ends the run as Succeeded, with all that was logged.</summary>
    /// <param name="cancellationToken">Cancels; then the run has not ended.</param>
    /// <exception cref="MlOpsException">The run has ended, is lost, or cannot be stored.</exception>
    public Task CompleteAsync(CancellationToken cancellationToken = default) =>
        _tracker.CompleteAsync(RunState.Succeeded, null, cancellationToken);

    /// <summary>Ends the run as Failed.</summary>
    /// <param name="error">Why, up to 10,000 characters.</param>
    /// <param name="cancellationToken">Cancels; then the run has not ended.</param>
    /// <exception cref="MlOpsException">The run has ended, is lost, or cannot be stored.</exception>
    public Task FailAsync(string error, CancellationToken cancellationToken = default)
    {
        RunText.Check(error, nameof(error), RunText.LongestValue);
        return _tracker.CompleteAsync(RunState.Failed, error, cancellationToken);
    }

    /// <summary>Ends the run as Interrupted, unless it has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _tracker.DisposeAsync().ConfigureAwait(false);
        _host.Leave(_tracker);
    }

    /// <summary>The id and the name.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id} of {Name}");

    private static string Shortened(string value) => value.Length > 100 ? $"{value[..100]}…" : value;

    private static async Task<string> HashAsync(Dataset rows, CancellationToken cancellationToken)
    {
        using var hash = SHA256.Create();
        var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write);
        await using (stream.ConfigureAwait(false))
        {
            var writer = new ArrowWriter(stream);
            await writer.BeginAsync(rows.Schema, cancellationToken).ConfigureAwait(false);
            foreach (var batch in rows.ToBatches()) await writer.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }

        return Convert.ToHexStringLower(hash.Hash!);
    }
}
