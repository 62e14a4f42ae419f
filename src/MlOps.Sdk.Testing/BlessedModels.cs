using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Testing;

/// <summary>
/// Obtains blessed models the way everybody does: by running a small lifecycle on <see cref="SampleRows"/> in a workspace and passing
/// its gates. There is no other way.
/// </summary>
public static class BlessedModels
{
    /// <summary>Trains, judges and deploys a model, and hands the version out that the registry blessed.</summary>
    /// <param name="workspace">Where to; see <see cref="TemporaryWorkspace"/>.</param>
    /// <param name="model">The model's name. A second version of a name has to be better than the first to be blessed, as always.</param>
    /// <param name="trainer">The trainer. Default: logistic regression.</param>
    /// <param name="rows">The rows to learn from, with the columns of <see cref="SampleRows"/>. Default: 600 of them.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <exception cref="MlOpsException">The model was not blessed; the message names the gates that failed.</exception>
    public static async Task<BlessedModel> CreateAsync(
        Workspace workspace,
        string model = "sample",
        ITrainer? trainer = null,
        Dataset? rows = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        var lifecycle = Describe(model, trainer ?? Trainers.LogisticRegression(), rows ?? SampleRows.Create(600)).Build();
        var run = await lifecycle.RunAsync(workspace, progress: null, cancellationToken).ConfigureAwait(false);
        var report = run.Deployment!;
        if (!report.IsDeployed)
        {
            throw new MlOpsException($"The model '{model}' was not blessed: {report.Reason}", "Use a better trainer, or another name.");
        }
        var champion = await workspace.Models.FindByAliasAsync(model, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false);
        return await workspace.Models.GetBlessedAsync(model, champion!.Version, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Two versions of a model in the order of their blessing: a baseline, and a logistic regression that was shown to be better.
    /// </summary>
    /// <param name="workspace">Where to.</param>
    /// <param name="model">The model's name; it must be new in the workspace.</param>
    /// <param name="cancellationToken">Cancels the runs.</param>
    public static async Task<(BlessedModel First, BlessedModel Second)> CreateTwoAsync(
        Workspace workspace, string model = "sample", CancellationToken cancellationToken = default)
    {
        var first = await CreateAsync(workspace, model, Trainers.Baseline(), null, cancellationToken).ConfigureAwait(false);
        return (first, await CreateAsync(workspace, model, Trainers.LogisticRegression(), null, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>
    /// What a target has to serve: the version and its package, exactly as in the workspace, and when it went live there.
    /// </summary>
    /// <param name="workspace">The workspace of the version.</param>
    /// <param name="model">The version.</param>
    /// <param name="endpoint">The endpoint's name.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async Task<DesiredDeployment> DesiredAsync(
        Workspace workspace, BlessedModel model, string endpoint = "sample", CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(model);
        var version = model.Version;
        var moves = await workspace.Models.AliasHistoryAsync(
            version.Model, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false);
        return new DesiredDeployment(
            endpoint, model, await workspace.Artifacts.ReadAllAsync(version.PackageId, cancellationToken).ConfigureAwait(false))
        {
            PromotedAt = moves.FirstOrDefault(move => move.Version == version.Version)?.At
        };
    }

    internal static LifecycleBuilder Describe(string model, ITrainer trainer, Dataset rows) => LifecycleBuilder.Create(model)
        .DefineProblem(problem => problem.BinaryClassification(SampleRows.Label, SampleRows.Positive))
        .CollectData(data => data.From(new DatasetSource(rows, "sample rows")))
        .ProcessData(data => data.Split(test: 0.3))
        .EngineerFeatures(features => features.Auto().Observe("plan"))
        .TrainModel(training => training.Try(trainer).CrossValidate(3).Threads(1))
        .DeployModel(deployment => deployment.ToProcess());
}
