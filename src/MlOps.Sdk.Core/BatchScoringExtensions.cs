using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>Scores whole tables.</summary>
public static class BatchScoringExtensions
{
    /// <summary>
    /// Scores a table of any size and writes it to a sink: the columns that are kept, then <c>prediction_id</c>, <c>model_version</c>,
    /// <c>score</c> (for several classes <c>score_&lt;class&gt;</c> each) and, where there are classes, <c>decision</c>. All rows are
    /// scored with one version, the one that is live in this process or else the promoted one, and to the last bit as an endpoint scores
    /// them. Rows pass batch by batch, so the memory is that of a batch. The audit log gets the entry <c>model.scored</c>. Thread-safe.
    /// </summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="source">The rows, with the columns that the model reads.</param>
    /// <param name="sink">Where to; nothing shows there before all rows are scored.</param>
    /// <param name="options">What is written, under which ids, and whether it is recorded; <see langword="null"/> for the defaults.</param>
    /// <param name="progress">Told of each batch.</param>
    /// <param name="cancellationToken">Cancels; the sink is left as it was.</param>
    /// <returns>What was scored, by what, and where to.</returns>
    /// <exception cref="MlOpsException">
    /// An option is not valid; no version was promoted, or its package is damaged; the source does not have the columns that the model
    /// reads, which are all named before the first row is read; a row cannot be read or scored; the sink cannot be written to. The sink is
    /// left as it was.
    /// </exception>
    /// <exception cref="InputRejectedException">
    /// The input contract of the model rejects rows, and <see cref="ScoringOptions.SkipRejected"/> is not set; the sink is left as it was.
    /// </exception>
    /// <exception cref="ModelStoppedException">The model is stopped.</exception>
    /// <exception cref="ModelNotLiveException">Rows are to be recorded, and no version is live in this process.</exception>
    /// <exception cref="ObjectDisposedException">The workspace is disposed of, or was meanwhile.</exception>
    public static async Task<ScoringReport> ScoreAsync(
        this Workspace workspace,
        string model,
        IDataSource source,
        IDataSink sink,
        ScoringOptions? options = null,
        IProgress<ScoringProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(sink);
        options ??= new ScoringOptions();
        options.Validate();
        var slot = workspace.SlotOf(model);
        using var either = new PluginCancellation(workspace.Logger, cancellationToken, workspace.Closing);
        try
        {
            await workspace.Promoted.FollowSwitchAsync(model, either.Token).ConfigureAwait(false);
            if (slot.Stopped is { } stopped) throw new ModelStoppedException(stopped);
            while (slot.Current is { } live)
            {
                if (live.Enter() is not { } scorer) continue;
                try
                {
                    return await ScoreAsync(
                        workspace,
                        source,
                        sink,
                        options,
                        (live.Version, live.Package, scorer, options.Record ? live.Recorder : null),
                        model,
                        progress,
                        either.Token).ConfigureAwait(false);
                }
                finally
                {
                    live.Exit(scorer);
                }
            }

            if (options.Record)
            {
                throw new ModelNotLiveException(
                    $"The rows cannot be recorded, because no version of '{model}' is live in this process.",
                    "Serve the promoted version with Workspace.ServeAsync first, or score without ScoringOptions.Record.");
            }
            var promoted = await workspace.Promoted.ReadPromotedAsync(model, either.Token).ConfigureAwait(false);
            using var package = InProcessTarget.Prove(promoted, workspace.Readers);
            using var memory = package.NewScorer();
            return await ScoreAsync(
                workspace,
                source,
                sink,
                options,
                (promoted.Model.Version.Version, package, memory, null),
                model,
                progress,
                either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (either.Token.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ObjectDisposedException(
                nameof(Workspace), "The workspace was disposed of while rows were scored; no row was written.");
        }
    }

    private static async Task<ScoringReport> ScoreAsync(
        Workspace workspace,
        IDataSource source,
        IDataSink sink,
        ScoringOptions options,
        (int Number, ModelPackage Package, ModelScorer Scorer, IPredictionRecorder? Recorder) version,
        string model,
        IProgress<ScoringProgress>? progress,
        CancellationToken cancellationToken)
    {
        var at = workspace.Time.GetUtcNow();
        var scoring = new BatchScoring(version.Number, version.Package, options, workspace.Time, workspace.Logger);
        await scoring.RunAsync(
            source,
            sink,
            version.Scorer,
            version.Recorder,
            token => workspace.Monitor(model).FlushAsync(token),
            progress,
            cancellationToken).ConfigureAwait(false);

        // What is written is entered, whoever cancels now.
        var contentHash = version.Package.ContentHash;
        var entry = await workspace.Audit.AppendAsync(
            workspace.Acting.Name,
            AuditLog.TableScored,
            string.Create(CultureInfo.InvariantCulture, $"model:{model}/{version.Number}"),
            StorageJson.WriteFields(
                ("contentHash", contentHash),
                ("source", source.Name),
                ("sourceVersion", scoring.SourceVersion?.Value),
                ("sink", sink.Name),
                ("rows", Text(scoring.Rows)),
                ("recorded", Text(scoring.RecordedRows)),
                ("malformed", Text(scoring.MalformedRows)),
                ("rejected", scoring.RejectedRows > 0 ? Text(scoring.RejectedRows) : null)),
            CancellationToken.None).ConfigureAwait(false);
        DeploymentLog.Scored(workspace.Logger, scoring.Rows, source.Name, model, version.Number, sink.Name);
        return new ScoringReport(
            model,
            version.Number,
            contentHash,
            source.Name,
            scoring.SourceVersion?.Value,
            sink.Name,
            scoring.Rows,
            scoring.RecordedRows,
            scoring.MalformedRows,
            at,
            scoring.Elapsed,
            entry.Sequence)
        {
            RejectedRows = scoring.RejectedRows,
            Rejected = scoring.Rejected,
            FlaggedRows = scoring.FlaggedRows,
        };
    }

    private static string Text(long count) => count.ToString(CultureInfo.InvariantCulture);
}
