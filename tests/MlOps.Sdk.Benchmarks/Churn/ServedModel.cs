using CustomerChurn;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Features;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Benchmarks;

/// <summary>A churn model as an endpoint serves it, without a workspace, and the same model bare.</summary>
internal sealed class ServedModel : IDisposable
{
    private readonly PredictionRecorder _recorder;
    private readonly IReadOnlyList<Customer> _customers;
    private readonly PredictScratch _scratch = new();

    private ServedModel(ModelPackage package, IReadOnlyList<Customer> customers, float[] features)
    {
        Package = package;
        _customers = customers;
        Features = features;
        Width = package.Graph.Slots.Count;
        _recorder = new PredictionRecorder("churn", 1, package, TimeProvider.System);
        Endpoint = Serve(null);
        RecordedEndpoint = Serve(_recorder);
    }

    public ModelPackage Package { get; }

    /// <summary>The customers' feature vectors, row after row.</summary>
    public float[] Features { get; }

    public int Width { get; }

    public PredictionRecorder Recorder => _recorder;

    public Endpoint<Customer, ChurnPrediction> Endpoint { get; }

    public Endpoint<Customer, ChurnPrediction> RecordedEndpoint { get; }

    public static async Task<ServedModel> TrainAsync(ITrainer trainer, params (string Name, HyperparameterValue Value)[] settings)
    {
        var (rows, customers) = await ChurnTable.ReadAsync();
        var problem = new ProblemDefinition { Task = TaskKind.BinaryClassification, Label = "churn", PositiveClass = "Yes" };
        var graph = await FeatureFitting.FitAsync(
            [new AutoTransform([], maxLevels: 100)],
            new FeaturePlan([], ["female", "senior_citizen"]),
            problem,
            rows.Schema,
            [],
            rows,
            seed: 1,
            NullLogger.Instance,
            default);
        var features = graph.Transform(rows);
        var labels = LabelEncoding.Learn(problem, rows);
        var parameters = trainer.Hyperparameters.ToDictionary(
            hyperparameter => hyperparameter.Name,
            hyperparameter => hyperparameter.Default);
        foreach (var (name, value) in settings) parameters[name] = value;
        var model = await trainer.TrainAsync(
            new TrainingContext { Task = problem.Task, Features = features, Labels = labels.Encode(rows), Parameters = parameters });
        var package = new ModelPackage(new PackageParts
        {
            Name = "churn",
            Problem = problem,
            Graph = graph,
            Model = new TrainedModel(model, null),
            Decision = new Decision(labels, 0.2),
            Baseline = new PackageBaseline(0, [], []),
            Facts = new RunFacts(),
            Golden = new GoldenRows(),
        });
        var byRow = new float[features.Width * features.RowCount];
        features.CopyRows(0, features.RowCount, byRow);
        return new ServedModel(package, customers, byRow);
    }

    /// <summary>Predicts the customers one by one, with the model alone and features that are computed already.</summary>
    public double PredictBare(int count)
    {
        Span<double> score = stackalloc double[1];
        var sum = 0.0;
        for (var row = 0; row < count; row++)
        {
            Package.Model!.Predict(new FeatureBlock(Features.AsSpan(row % _customers.Count * Width, Width), Width), score, _scratch);
            sum += score[0];
        }

        return sum;
    }

    /// <summary>Predicts the customers one by one through an endpoint.</summary>
    public double Predict(Endpoint<Customer, ChurnPrediction> endpoint, int count)
    {
        var sum = 0.0;
        for (var row = 0; row < count; row++) sum += endpoint.Predict(_customers[row % _customers.Count]).Value.Probability;
        return sum;
    }

    public void Dispose() => _scratch.Dispose();

    /// <summary>Empties the ring, which the recorder's reader does in production.</summary>
    public void Drain()
    {
        while (_recorder.TakeBatch() is not null)
        {
        }
    }

    /// <summary>The columns of a customer as the recorder receives them.</summary>
    public ColumnBuilder[] BindOne()
    {
        ColumnBuilder[] builders = [.. Package.Graph.Input.Select(field => ColumnBuilder.Create(field.Type, field.Length))];
        new ObjectShape<Customer>().Bind(Package.Graph.Input, coded: false)(_customers[0], builders);
        return builders;
    }

    private Endpoint<Customer, ChurnPrediction> Serve(IPredictionRecorder? recorder)
    {
        var host = new ModelSlot("churn");
        host.Swap(1, Package, () => recorder);
        return new Endpoint<Customer, ChurnPrediction>(host);
    }
}
