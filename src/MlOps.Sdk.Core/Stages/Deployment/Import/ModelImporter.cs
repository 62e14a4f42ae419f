using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Takes in a model that was trained elsewhere: it is packaged, judged on declared rows, registered, and made live when the gates let it.
/// </summary>
internal sealed class ModelImporter(
    DeploymentServices services, IArtifactStore artifacts, ArtifactReferences references, FormatReaders readers, TimeProvider time)
{
    private const int Seed = 1;

    public async Task<ImportedModel> ImportAsync(
        string name,
        ModelImport import,
        Func<ModelImportContext, CancellationToken, ValueTask<IRowModel>> load,
        CancellationToken cancellationToken)
    {
        var (problem, metrics) = import.Build(name);
        var rows = await ReadAsync(import.Source!, cancellationToken).ConfigureAwait(false);
        var encoding = LabelEncoding.Learn(problem, rows);
        var declared = await DeclaredRows.KeepAsync(
            name, rows, problem.Label, artifacts, references, services.Ledger, time, cancellationToken).ConfigureAwait(false);
        var loaded = await load(new ModelImportContext(name, problem, encoding, rows), cancellationToken).ConfigureAwait(false);
        using var package = Package(name, import, problem, new Decision(encoding, import.DecisionThreshold), rows, declared.Keys, loaded);
        await declared.RecordLookAsync("gates", cancellationToken).ConfigureAwait(false);
        var evaluation = declared.Evaluate(package, cancellationToken);
        var measured = metrics.All.ToDictionary(metric => metric.Name, metric => MetricIntervals.Compute(metric, evaluation, seed: Seed));
        var complete = new ModelPackage(package.Parts with
        {
            Facts = package.Facts with { Metrics = measured },
            Baseline = PackageBaseline.Build(package.Graph.Input, rows, package.Decision, evaluation.Scores.Span),
        });
        var (bytes, contentHash) = PackageFile.Write(complete);

        var turn = services.Process.TurnOf(name);
        var champion = await services.Models.FindByAliasAsync(name, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false);
        var trial = await new ChampionTrial(artifacts, readers, Seed, declared, services.Runs, metrics.Primary.Metric, import.Margin)
            .CompareAsync(champion, complete, contentHash, evaluation, cancellationToken).ConfigureAwait(false);
        var gates = new Gates(metrics, readers, replacesIncomparable: false).Judge(bytes, measured, trial);
        var stored = await artifacts.PutAsync(bytes, cancellationToken).ConfigureAwait(false);
        var version = trial is { IsSame: true, Champion: { } live }
            ? live
            : await services.Models.RegisterAsync(
                new NewModelVersion(name, stored.Id, contentHash, RunId: null, measured, import.About),
                services.Actor,
                cancellationToken).ConfigureAwait(false);
        var blessing = trial.IsSame
            ? new Blessing(name, version.Version, contentHash, time.GetUtcNow(), services.Actor, gates)
            : await services.Models.BlessAsync(version, gates, services.Actor, cancellationToken).ConfigureAwait(false);
        var reason = trial.Explain(blessing);
        var goesLive = import.Promotes && blessing.IsBlessed;
        if (goesLive)
        {
            await new Delivery(services, [deployment => deployment.Process]).DeployAsync(
                version, champion, bytes, reason, cancellationToken).ConfigureAwait(false);
        }

        DeploymentLog.Decided(
            services.Logger, name, version.Version, goesLive ? "imported and deployed" : "imported, not deployed", reason);
        return new ImportedModel(
            version, package.RowModel!.Inputs, gates, measured, rows.RowCount, trial.Comparison, goesLive, reason);
    }

    private ModelPackage Package(
        string name, ModelImport import, ProblemDefinition problem, Decision decision, Dataset rows, string keys, IRowModel model)
    {
        try
        {
            if (model.Inputs.FirstOrDefault(field => field.Name == problem.Label) is { } leak)
            {
                throw new MlOpsException(
                    $"The model reads the label '{leak.Name}'.", "Import a model that predicts it.") { Column = leak.Name };
            }
            var graph = FeatureGraph.Create(rows.Schema, problem.Label, [], [], [], [], model.Inputs);
            var trained = new TrainedModel(null, model);
            return new ModelPackage(new PackageParts
            {
                Name = name,
                Problem = problem,
                Graph = graph,
                Model = trained,
                Decision = decision,
                Baseline = new PackageBaseline(0, [], []),
                Facts = new RunFacts { CreatedAt = time.GetUtcNow(), HoldoutRows = keys },
                Golden = GoldenAnswers.Of(graph, trained, rows, import.Golden),
            });
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static async Task<Dataset> ReadAsync(IDataSource source, CancellationToken cancellationToken)
    {
        var rows = await source.ReadAllAsync(cancellationToken).ConfigureAwait(false);
        return rows.RowCount > 0
            ? rows
            : throw new MlOpsException(
                $"The source '{source.Name}' has no rows to judge the model on.",
                "Name labelled rows that the model was not trained on.");
    }
}
