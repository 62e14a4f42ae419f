using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk.Features;

/// <summary>Stage 6: fits the transforms on the training rows and assembles the graph.</summary>
internal sealed class FeatureStage(FeaturePlan plan, IServiceProvider services) : IStage
{
    public const string Graph = "graph";
    public const string Summary = "summary";

    private readonly IFeatureTransform[] _transforms = [.. plan.Transforms.Select(create => create(services))];

    public LifecycleStage Kind => LifecycleStage.Features;

    public IReadOnlyList<StageInput> Inputs { get; } =
    [
        new(LifecycleStage.Problem, ProblemStage.Task),
        new(LifecycleStage.Processing, ProcessingStage.Train),
        new(LifecycleStage.Processing, ProcessingStage.ServedColumns),
        new(LifecycleStage.Processing, ProcessingStage.Steps),
    ];

    public ValueTask<StageWork> PrepareAsync(FingerprintBuilder fingerprint, StageContext context, CancellationToken cancellationToken)
    {
        for (var i = 0; i < _transforms.Length; i++) fingerprint.AddObject($"transform {i + 1}", _transforms[i]);
        fingerprint.Add("observed", string.Join('\n', plan.Observed)).Add("recorded", string.Join('\n', plan.Recorded));
        fingerprint.Add("weight", plan.Weight ?? "");
        return new(new StageWork(token => ExecuteAsync(context, token)));
    }

    private async Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        var problem = await ProblemStage.ReadAsync(context, cancellationToken).ConfigureAwait(false);
        context.Report("read", 0.1);
        var rows = (await SplitRows.ReadAsync(context, ProcessingStage.Train, cancellationToken).ConfigureAwait(false)).Prepared;
        var raw = await context.Artifacts.ReadSchemaAsync(
            context.Input(LifecycleStage.Processing, ProcessingStage.ServedColumns),
            cancellationToken).ConfigureAwait(false);
        var steps = await ProcessingStage.ReadStepsAsync(context, cancellationToken).ConfigureAwait(false);
        NearestName.Require(plan.Observed, "Observe(…)", raw);
        NearestName.Require(plan.Recorded, "Bias(…), which reads the columns as collected,", raw);
        context.Report("fit", 0.4);
        // Where every trainer reads columns there is nothing to fit, and the graph leads to all that they may read.
        using var graph = _transforms.Length > 0
            ? await FeatureFitting.FitAsync(
                _transforms, plan, problem, raw, steps, rows, context.Run.Seed, context.Logger, cancellationToken).ConfigureAwait(false)
            : FeatureGraph.Create(raw, problem.Label, steps, [], plan.Observed, plan.Recorded, [.. rows.Schema.Where(IsOffered)]);
        NearestName.Require(plan.Checked, "CheckInputs(…), which is about columns that the model reads,", graph.Input);
        var fit = new FitContext(problem, rows, plan.Observed, plan.Weight, context.Run.Seed, context.Logger);
        var summary = new FeatureSummary(
            [.. graph.Slots],
            [.. _transforms.OfType<AutoTransform>().SelectMany(auto => auto.Exclusions(fit)).DistinctBy(exclusion => exclusion.Column)],
            plan.Observed,
            [.. graph.Input.Select(field => field.Name)]);
        context.Run.LogParameter("features", graph.Slots.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var bytes = new ArrayBufferWriter<byte>();
        graph.Save(bytes);
        await context.SaveAsync(Graph, bytes.WrittenMemory, cancellationToken).ConfigureAwait(false);
        await context.SaveAsync(Summary, summary, FeatureJson.Default.FeatureSummary, cancellationToken).ConfigureAwait(false);

        bool IsOffered(Field field) =>
            field.Name != problem.Label && field.Name != plan.Weight && !plan.Observed.Contains(field.Name);
    }
}
