using System.Runtime.CompilerServices;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Features;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests;

/// <summary>A plug-in of every kind, which does something else than its work.</summary>
/// <param name="act">What it does: throws, or does not end.</param>
internal sealed class TroubledPlugin(Action act)
    : IDataSource, IDataProcessor, IExpectation, ISplitter, IHypothesis, IFeatureTransform, IMetric, ITrainer, IDeploymentTarget
{
    public string Name => "troubled";

    public string Version => "1";

    public string Description => "has trouble";

    IReadOnlyList<string> ISplitter.Key => [];

    IReadOnlyList<string> IFeatureTransform.Inputs => ["age"];

    Direction IMetric.Direction => Direction.Up;

    MetricNeeds IMetric.Needs => MetricNeeds.None;

    TrainerCapabilities ITrainerInfo.Capabilities { get; } = new([TaskKind.BinaryClassification], HandlesMissing: true);

    IReadOnlyList<Hyperparameter> ITrainerInfo.Hyperparameters => [];

    TargetCapabilities IDeploymentTarget.Capabilities { get; } = new();

    /// <summary>A lifecycle with the plug-in in one place.</summary>
    /// <param name="kind">The interface of the place; <c>function</c> for a function given to a builder.</param>
    public Lifecycle At(string kind) => LifecycleBuilder.Create(SampleLifecycle.Name)
        .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes"))
        .CollectData(data => data.From(kind == nameof(IDataSource) ? this : DataSources.Objects(Subscriber.Draw(400, seed: 1))))
        .ProcessData(data =>
        {
            if (kind == nameof(IDataProcessor)) data.Apply(this);
            if (kind == nameof(IExpectation)) data.Expect(this);
            if (kind == nameof(ISplitter)) data.Split(this);
            else data.Split(test: 0.25);
        })
        .DefineMetrics(metrics =>
        {
            metrics.Optimize(Metric.RocAuc);
            if (kind == nameof(IMetric)) metrics.Report(this);
        })
        .ExploreData(explore =>
        {
            if (kind == nameof(IHypothesis)) explore.Test(this);
        })
        .EngineerFeatures(features =>
        {
            features.Auto();
            if (kind == nameof(IFeatureTransform)) features.Apply(this);
        })
        .TrainModel(training => training
            .Try(kind == nameof(ITrainer) ? this : Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
        .DeployModel(deployment => (kind == nameof(IDeploymentTarget) ? deployment.To(this) : deployment).ToProcess())
        .Build();

    ValueTask<IDataScan> IDataSource.OpenAsync(ReadRequest request, CancellationToken cancellationToken) => Act<ValueTask<IDataScan>>();

    Schema IDataProcessor.Bind(Schema input) => input;

    async IAsyncEnumerable<RecordBatch> IDataProcessor.ProcessAsync(
        IAsyncEnumerable<RecordBatch> rows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in rows.WithCancellation(cancellationToken))
        {
            act();
            yield return batch;
        }
    }

    ExpectationCheck IExpectation.Begin(Schema schema) => Act<ExpectationCheck>();

    SplitAssignment ISplitter.Begin(Schema schema) => Act<SplitAssignment>();

    HypothesisResult IHypothesis.Test(Dataset rows) => Act<HypothesisResult>();

    ValueTask<IFittedTransform> IFeatureTransform.FitAsync(IFitContext context, CancellationToken cancellationToken) =>
        Act<ValueTask<IFittedTransform>>();

    MetricValue IMetric.Compute(Evaluation evaluation) => Act<MetricValue>();

    ValueTask<IModel> ITrainer.TrainAsync(TrainingContext context, CancellationToken cancellationToken) => Act<ValueTask<IModel>>();

    ValueTask IDeploymentTarget.ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken) => Act<ValueTask>();

    ValueTask<ObservedDeployment> IDeploymentTarget.ObserveAsync(string endpoint, CancellationToken cancellationToken) =>
        Act<ValueTask<ObservedDeployment>>();

    private T Act<T>()
    {
        act();
        throw new InvalidOperationException("The plug-in has ended.");
    }
}
