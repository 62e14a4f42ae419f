using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Stage 3: cleans and checks the collected rows, and divides them for good into those to learn from and those to be judged on.
/// </summary>
internal sealed class ProcessingStage(
    ProcessingPlan plan,
    IReadOnlyCollection<string> personal,
    Func<CancellationToken, Task<SealedRows>> sealedRows,
    IServiceProvider services) : IStage
{
    public const string Train = "train";
    public const string Holdout = "holdout";
    public const string Quarantined = "quarantine";
    public const string Steps = "steps";
    public const string Summary = "summary";
    public const string ServedColumns = "served columns";
    public const string TrainKeys = "train keys";
    public const string HoldoutKeys = "holdout keys";
    public const string Folds = "folds";

    private readonly ProcessingPipeline _pipeline = new(plan, services, personal);

    public LifecycleStage Kind => LifecycleStage.Processing;

    public IReadOnlyList<StageInput> Inputs =>
    [
        new(LifecycleStage.Problem, ProblemStage.Task),
        new(LifecycleStage.Collection, Collection.CollectionStage.Rows)
    ];

    /// <inheritdoc cref="SplitRows.RawOf"/>
    public static string RawOf(string side) => SplitRows.RawOf(side);

    public async ValueTask<StageWork> PrepareAsync(
        FingerprintBuilder fingerprint, StageContext context, CancellationToken cancellationToken)
    {
        await _pipeline.LoadAsync(cancellationToken).ConfigureAwait(false);
        _pipeline.Describe(fingerprint);
        if (plan.Copy is not null) fingerprint.Add("copy of the rows", plan.Copy.Name);
        var earlier = await sealedRows(cancellationToken).ConfigureAwait(false);
        var work = new StageWork(token => ExecuteAsync(context, earlier, token));
        if (earlier.Lost.Count > 0) fingerprint.SetOpaque("the record of the rows that earlier runs were judged on is lost");
        if (earlier.Keys.Count == 0) return work;
        var schema = await context.Artifacts.ReadSchemaAsync(
            context.Input(LifecycleStage.Collection, Collection.CollectionStage.Rows),
            cancellationToken).ConfigureAwait(false);
        var problem = await ProblemStage.ReadAsync(context, cancellationToken).ConfigureAwait(false);
        if (_pipeline.DescribeSealed(schema, problem.Label, earlier.Keys) is { Length: > 0 } decisive)
        {
            fingerprint.Add("rows sealed by earlier runs", decisive);
        }

        return work;
    }

    private async Task ExecuteAsync(StageContext context, SealedRows earlier, CancellationToken cancellationToken)
    {
        var problem = await ProblemStage.ReadAsync(context, cancellationToken).ConfigureAwait(false);
        var collected = await context.Artifacts.OpenAsync(
            context.Input(LifecycleStage.Collection, Collection.CollectionStage.Rows),
            cancellationToken).ConfigureAwait(false);
        await using (collected.ConfigureAwait(false))
        {
            var reader = await ArrowReader.OpenAsync(collected, "the collected rows", cancellationToken).ConfigureAwait(false);
            var result = await ProcessAsync(context, problem, reader, earlier, cancellationToken).ConfigureAwait(false);
            SavedPart[] steps = [.. _pipeline.RowProcessors.Select(step => SavedPart.Of(step.FormatId, step.Save))];
            await context.SaveAsync(Steps, steps, ProcessingJson.Default.SavedPartArray, cancellationToken).ConfigureAwait(false);
            await context.SaveAsync(
                ServedColumns, EmptySnapshot(_pipeline.ServedSchema(reader.Schema)), cancellationToken).ConfigureAwait(false);
            await context.SaveAsync(Folds, _pipeline.Folds, ProcessingJson.Default.FoldRule, cancellationToken).ConfigureAwait(false);
            await context.SaveAsync(TrainKeys, result.TrainRowKeys.Save(), cancellationToken).ConfigureAwait(false);
            await context.SaveAsync(HoldoutKeys, result.HoldoutRowKeys.Save(), cancellationToken).ConfigureAwait(false);
            earlier.RequireFound(context.Outputs[HoldoutKeys]);
            if (plan.Copy is not null) await CopyAsync(plan.Copy, context, cancellationToken).ConfigureAwait(false);
            var summary = new ProcessingSummary
            {
                TrainRows = result.TrainRows,
                HoldoutRows = result.HoldoutRows,
                QuarantinedRows = result.QuarantinedRows,
                RowsWithoutLabel = result.RowsWithoutLabel,
                GapRows = result.GapRows,
                Steps = result.Steps,
                Expectations = result.Expectations,
                Classes = result.Classes,
                Notes = result.Notes,
                CollectedRows = context.Input(LifecycleStage.Collection, Collection.CollectionStage.Rows).Hex,
                Code = CodeIdentity.Of(_pipeline.Types),
            };
            foreach (var note in result.Notes) ProcessingLog.Noted(context.Logger, note);
            await context.SaveAsync(Summary, summary, ProcessingJson.Default.ProcessingSummary, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The keys of rows by some of their columns.</summary>
    /// <exception cref="MlOpsException">A column is gone.</exception>
    public static RowKey[] KeysOf(Dataset rows, IReadOnlyList<string> columns, string lifecycle)
    {
        var hasher = PortableKey.HasherOf(rows.Schema, columns, lifecycle, "The comparison with the live version", required: false);
        var keys = new RowKey[rows.RowCount];
        var start = 0;
        foreach (var batch in rows.ToBatches())
        {
            hasher.Compute(batch, keys.AsSpan(start, batch.RowCount));
            start += batch.RowCount;
        }

        return keys;
    }

    /// <summary>How the rows to learn from are divided.</summary>
    public static Task<FoldRule> ReadFoldsAsync(StageContext context, CancellationToken cancellationToken) =>
        context.ReadAsync(LifecycleStage.Processing, Folds, ProcessingJson.Default.FoldRule, cancellationToken);

    /// <summary>The row-wise steps that this stage kept for the package.</summary>
    public static async Task<IReadOnlyList<IRowProcessor>> ReadStepsAsync(StageContext context, CancellationToken cancellationToken)
    {
        var saved = await context.ReadAsync(
            LifecycleStage.Processing, Steps, ProcessingJson.Default.SavedPartArray, cancellationToken).ConfigureAwait(false);
        return [.. saved.Select(step => context.Run.Readers.Read<IRowProcessor>(step.FormatId, step.Bytes))];
    }

    private static async Task CopyAsync(ITableSink sink, StageContext context, CancellationToken cancellationToken)
    {
        var train = await context.Artifacts.OpenAsync(context.Outputs[Train], cancellationToken).ConfigureAwait(false);
        await using (train.ConfigureAwait(false))
        {
            var holdout = await context.Artifacts.OpenAsync(context.Outputs[Holdout], cancellationToken).ConfigureAwait(false);
            await using (holdout.ConfigureAwait(false))
            {
                await RowCopy.WriteAsync(
                    sink, context.Run.Lifecycle, [(Train, train), (Holdout, holdout)], cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<ProcessingResult> ProcessAsync(
        StageContext context, ProblemDefinition problem, ArrowReader reader, SealedRows earlier, CancellationToken cancellationToken)
    {
        // Nothing is kept before every expectation is known, so the sides wait in temporary files.
        var hasRaw = _pipeline.RowProcessors.Count > 0;
        var files = new List<(string Name, TemporaryFile File)>();
        try
        {
            var result = await _pipeline.RunAsync(
                new ProcessingRequest
                {
                    Schema = reader.Schema,
                    Rows = reader.ReadAsync(cancellationToken),
                    Problem = problem,
                    Salt = context.Run.Lifecycle,
                    Sealed = earlier.Keys,
                    Train = Open(Train),
                    Holdout = Open(Holdout),
                    Quarantine = Open(Quarantined),
                    TrainRaw = hasRaw ? Open(RawOf(Train)) : null,
                    HoldoutRaw = hasRaw ? Open(RawOf(Holdout)) : null,
                    Progress = new RowProgress(context),
                },
                cancellationToken).ConfigureAwait(false);
            foreach (var (name, file) in files)
            {
                file.Position = 0;
                await context.SaveAsync(
                    name, (stream, token) => file.CopyToAsync(stream, token), cancellationToken).ConfigureAwait(false);
            }

            return result;
        }
        finally
        {
            foreach (var (_, file) in files) await file.DisposeAsync().ConfigureAwait(false);
        }

        ArrowWriter Open(string name)
        {
            files.Add((name, TemporaryFile.Create()));
            return new ArrowWriter(files[^1].File);
        }
    }

    private static Func<Stream, CancellationToken, Task> EmptySnapshot(Schema schema) => async (stream, cancellationToken) =>
    {
        var writer = new ArrowWriter(stream);
        await writer.BeginAsync(schema, cancellationToken).ConfigureAwait(false);
        await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
    };

    private sealed class RowProgress(StageContext context) : IProgress<long>
    {
        public void Report(long value) => context.Report("process", 0.5, FormattableString.Invariant($"{value:N0} rows"));
    }
}
