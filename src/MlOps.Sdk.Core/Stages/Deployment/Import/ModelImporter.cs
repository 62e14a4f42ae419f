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
    private const int MaxTries = 5;

    public async Task<ImportedModel> ImportAsync(
        string name,
        ModelImport import,
        Func<ModelImportContext, CancellationToken, ValueTask<IRowModel>> load,
        CancellationToken cancellationToken)
    {
        var (problem, metrics) = import.Build(name);
        var rows = await ReadAsync(import.Source!, cancellationToken).ConfigureAwait(false);
        var encoding = LabelEncoding.Learn(problem, rows);
        double[] weights = import.WeightColumn is { } weight ? RowWeights.Of(rows, weight) : [];
        var all = await DeclaredRows.KeepAsync(
            name, rows, weights, import.Key, problem.Label, artifacts, references, services.Ledger, time, cancellationToken)
            .ConfigureAwait(false);
        var context = new ModelImportContext(
            name, problem, encoding, rows, weights, readers, () => DeclaredRows.ContentOf(name, rows, problem.Label));
        var loaded = await load(context, cancellationToken).ConfigureAwait(false);
        RequireReader(loaded);
        using var package = Package(name, import, problem, new Decision(encoding, import.DecisionThreshold), rows, all.Keys, loaded);
        var declared = all.Without(context.Taken);
        await declared.RecordLookAsync("gates", cancellationToken).ConfigureAwait(false);
        var evaluation = declared.Evaluate(package, cancellationToken);
        var measured = metrics.All.ToDictionary(metric => metric.Name, metric => MetricIntervals.Compute(metric, evaluation, seed: Seed));
        var complete = new ModelPackage(package.Parts with
        {
            Facts = package.Facts.With(measured, evaluation),
            Baseline = PackageBaseline.Build(package.Graph.Input, declared.Rows, package.Decision, evaluation.Scores.Span),
        });
        var (bytes, contentHash) = PackageFile.Write(complete, services.Signer);

        for (var tries = 1; ; tries++)
        {
            try
            {
                return await JudgeAsync().ConfigureAwait(false);
            }
            catch (ConcurrencyException e) when (tries < MaxTries)
            {
                // Another version was quicker: what counts is whether this one is better than what is live now.
                DeploymentLog.JudgedAgain(services.Logger, name, e.Problem);
            }
        }

        async Task<ImportedModel> JudgeAsync()
        {
            var champion = await services.Models.FindByAliasAsync(name, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false);
            var trial = await new ChampionTrial(artifacts, readers, Seed, declared, services.Runs, metrics.Primary.Metric, import.Margin)
                .CompareAsync(champion, complete, contentHash, evaluation, cancellationToken).ConfigureAwait(false);
            IReadOnlyList<GateResult> gates =
            [
                .. new Gates(
                    metrics,
                    readers,
                    import.ReplacesIncomparable,
                    "ReplaceIncomparable() on the import").Judge(bytes, measured, trial),
                .. PositiveClass(problem, evaluation),
                .. await new CallableGate(services.Hosts).JudgeAsync(
                    name, complete.Graph.Input, problem.Task, cancellationToken).ConfigureAwait(false),
            ];
            var stored = await artifacts.PutAsync(bytes, cancellationToken).ConfigureAwait(false);
            var version = trial is { IsSame: true, Champion: { } live }
                ? await services.Models.MendAsync(live, bytes, services.Actor, cancellationToken).ConfigureAwait(false)
                : await services.Models.RegisterAsync(
                    new NewModelVersion(name, stored.Id, contentHash, RunId: null, measured, import.About)
                    {
                        Package = bytes,
                        RegistrarId = services.Acting.Person.EnteredId,
                    },
                    services.Actor,
                    cancellationToken).ConfigureAwait(false);
            long? awaits = null;
            var isKeptBack = champion?.Version != version.Version && !services.Acting.May(ReleaseAction.Promote, name);

            // The last approval makes the version live in the name of who requested it, who must be allowed to.
            if (!trial.IsSame && import.Promotes && !isKeptBack)
            {
                var passed = trial.Explain(new Blessing(name, version.Version, contentHash, time.GetUtcNow(), "", gates));
                var (approval, pending) = await new ApprovalGate(services, asked: null).JudgeAsync(
                    version, champion, gates, passed, run: null, asksAgain: true, cancellationToken).ConfigureAwait(false);
                if (approval is not null) gates = [.. gates, approval];
                awaits = pending?.Id;
            }
            var blessing = trial.IsSame
                ? new Blessing(name, version.Version, contentHash, time.GetUtcNow(), services.Actor, gates)
                : await new Attestation(services, time).StoreAsync(version, gates, cancellationToken).ConfigureAwait(false);
            var reason = trial.Explain(blessing);
            if (!declared.AreSealed)
            {
                const string why = "Fewer than 90 % of the rows are distinct, so a lifecycle with this name may train on rows " +
                    "that the model was judged on.";
                DeploymentLog.NotSealed(services.Logger, name, why);
                reason = $"{reason} {why} Judge(…, key: …) names the column that identifies rows.";
            }
            var goesLive = import.Promotes && blessing.IsBlessed && !isKeptBack;
            if (import.Promotes && blessing.IsBlessed && isKeptBack)
            {
                reason = $"{reason} But {services.Acting.Refusal(ReleaseAction.Promote, name)}.";
            }
            if (goesLive)
            {
                await new Delivery(services, [services.Process]).DeployAsync(
                    version, champion, bytes, reason, cancellationToken).ConfigureAwait(false);
            }

            DeploymentLog.Decided(
                services.Logger, name, version.Version, goesLive ? "imported and deployed" : "imported, not deployed", reason);
            return new ImportedModel(
                version, package.RowModel!.Inputs, gates, measured, declared.RowCount, trial.Comparison, goesLive, reason)
            {
                AwaitsApproval = awaits,
            };
        }
    }

    private void RequireReader(IRowModel loaded)
    {
        try
        {
            readers.Require<IRowModel>(loaded.FormatId);
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    private ModelPackage Package(
        string name, ModelImport import, ProblemDefinition problem, Decision decision, Dataset rows, string keys, IRowModel model)
    {
        try
        {
            if (model.Inputs.FirstOrDefault(field => field.Name == problem.Label) is { } leak)
            {
                throw new MlOpsException(
                    $"The model reads the label '{leak.Name}'.", "Import a model that does not read it.") { Column = leak.Name };
            }
            if (import.WeightColumn is { } weight && model.Inputs.Any(field => field.Name == weight))
            {
                throw new MlOpsException(
                    $"The model reads the weight '{weight}'.", "Name a column that the model does not read.") { Column = weight };
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

    // Whoever trained the model may have meant the other class by "positive". Every answer is then the opposite of what it says, and
    // without a target nothing else would notice.
    private static IReadOnlyList<GateResult> PositiveClass(ProblemDefinition problem, Evaluation evaluation)
    {
        if (problem.Task != TaskKind.BinaryClassification) return [];
        const string name = "positive class";
        var auc = MetricIntervals.Compute(Metric.RocAuc, evaluation, seed: Seed);
        if (!auc.IsDefined) return [];
        var upper = auc.HasInterval ? auc.Upper : auc.Value;
        var observed = FormattableString.Invariant($"ROC AUC at most {upper:0.0000}");
        const string required = "ROC AUC not below 0.5";
        return upper >= 0.5
            ? [new GateResult(name, GateOutcome.Passed, observed, required, "The scores do not favour the other class.")]
            :
            [
                new GateResult(
                    name,
                    GateOutcome.Failed,
                    observed,
                    required,
                    $"The model gives the other class higher scores than '{problem.PositiveClass}': set the positive class that it was " +
                        "trained with, Problem(problem => problem.BinaryClassification(label, positive: …))."),
            ];
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
