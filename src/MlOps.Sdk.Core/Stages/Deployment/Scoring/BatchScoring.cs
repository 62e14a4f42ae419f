using Microsoft.Extensions.Logging;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Packaging;

namespace MlOps.Sdk.Deployment;

/// <summary>Scores a source of any size into a sink, with the memory of a batch. Used once.</summary>
/// <param name="version">The version.</param>
/// <param name="package">Its package.</param>
/// <param name="options">How the table is scored.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where it is told that a progress failed.</param>
internal sealed class BatchScoring(int version, ModelPackage package, ScoringOptions options, TimeProvider time, ILogger logger)
{
    private readonly long _began = time.GetTimestamp();
    private bool _progressFailed;

    /// <summary>The rows that were scored and written.</summary>
    public long Rows { get; private set; }

    /// <summary>The rows that were recorded.</summary>
    public long RecordedRows { get; private set; }

    /// <summary>The rows that the input contract rejected, and that were left out.</summary>
    public long RejectedRows { get; private set; }

    /// <summary>The rows with a value that the input contract flagged.</summary>
    public long FlaggedRows { get; private set; }

    /// <summary>Why rows were rejected.</summary>
    public IReadOnlyList<InputProblem> Rejected { get; private set; } = [];

    /// <summary>The rows that the source could not read as they stand.</summary>
    public long MalformedRows { get; private set; }

    /// <summary>What identifies the content of the source, where it can tell.</summary>
    public ContentVersion? SourceVersion { get; private set; }

    /// <summary>How long it took until now.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_began);

    /// <param name="source">The rows.</param>
    /// <param name="sink">Where to.</param>
    /// <param name="scorer">The memory to score with.</param>
    /// <param name="recorder">What records the rows; <see langword="null"/> when they are not recorded.</param>
    /// <param name="makeRoom">Stores what is recorded.</param>
    /// <param name="progress">Told of each batch.</param>
    /// <param name="cancellationToken">Cancels; the sink is left as it was.</param>
    public async Task RunAsync(
        IDataSource source,
        IDataSink sink,
        ModelScorer scorer,
        IPredictionRecorder? recorder,
        Func<CancellationToken, Task> makeRoom,
        IProgress<ScoringProgress>? progress,
        CancellationToken cancellationToken)
    {
        var (reader, columns) = await OpenAsync(source, cancellationToken).ConfigureAwait(false);
        var writer = await SinkWriter.OpenAsync(sink, columns.Output, TableOf(reader), reader, cancellationToken).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            await using (reader.ConfigureAwait(false))
            {
                var rows = new ScoredRows(source.Name, version, package, scorer, columns, recorder, makeRoom, options.SkipRejected);
                await foreach (var batch in reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    TakeMalformed(reader);
                    if (batch.RowCount == 0) continue;
                    if (await rows.ScoreAsync(batch, cancellationToken).ConfigureAwait(false) is { } scored)
                    {
                        await writer.WriteAsync(scored, cancellationToken).ConfigureAwait(false);
                    }

                    if (rows.HasFailed && scorer.Check!.RejectedCount >= InputCheck.MostProblems) break;
                    (Rows, RecordedRows) = (rows.RowCount, rows.RecordedCount);
                    (RejectedRows, FlaggedRows) = (rows.RejectedCount, rows.FlaggedCount);
                    Report(progress);
                }

                if (rows.HasFailed) throw scorer.Check!.ToException(isSingle: false);
                Rejected = scorer.Check?.Rejected ?? [];
                TakeMalformed(reader);
                SourceVersion = reader.Version;
            }

            if (recorder is not null) await makeRoom(cancellationToken).ConfigureAwait(false);
            await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // Only the columns that are needed are read, where that costs no rows to find out.
    private async Task<(ResilientReader Reader, ScoredColumns Columns)> OpenAsync(IDataSource source, CancellationToken cancellationToken)
    {
        var request = new ReadRequest { Malformed = options.Malformed };
        var reader = await ResilientReader.OpenAsync(source, request, cancellationToken).ConfigureAwait(false);
        try
        {
            var columns = ScoredColumns.Of(reader.Schema, source.Name, package, options);
            if (columns.Needed.Count == reader.Schema.Count || columns.Needed.Count == 0 || !reader.IsRepeatable) return (reader, columns);
            await reader.DisposeAsync().ConfigureAwait(false);
            reader = await ResilientReader.OpenAsync(
                source, request with { Columns = columns.Needed }, cancellationToken).ConfigureAwait(false);
            return (reader, ScoredColumns.Of(reader.Schema, source.Name, package, options));
        }
        catch
        {
            await reader.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // The same rows, scored by the same package in the same way, are the same table.
    private string? TableOf(ResilientReader reader) => options.Table ?? (reader.Version is not { } version
        ? null
        : string.Join(
            '\n',
            [
                $"scores of {package.Name}",
                package.ContentHash,
                version.Value,
                $"{options.Prefix}|{options.KeyColumn}|{options.KeyPrefix}",
                $"{options.Malformed}|{options.SkipRejected}",
                .. options.Keep ?? ["all"],
            ]));

    private void TakeMalformed(ResilientReader reader)
    {
        MalformedRows += reader.Malformed.Count;
        reader.Malformed.Clear();
    }

    private void Report(IProgress<ScoringProgress>? progress)
    {
        try
        {
            progress?.Report(new ScoringProgress(Rows, Elapsed));
        }
        catch (Exception e)
        {
            // Who watches must not end what is watched.
            if (!_progressFailed) DeploymentLog.ProgressFailed(logger, package.Name, Secrets.Blank(e));
            _progressFailed = true;
        }
    }
}
