using MlOps.Sdk.Plugins;
using MlOps.Sdk.Tests.Plugins;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>A good trainer with one flaw.</summary>
internal sealed class FlawedTrainer(Flaw flaw) : ITrainer
{
    private readonly NearestCentroidTrainer _inner = new();
    private readonly TrainingFlaws _flaws = new(flaw);

    public string Name => _inner.Name;

    public string Version => _inner.Version;

    public TrainerCapabilities Capabilities => _inner.Capabilities;

    public IReadOnlyList<Hyperparameter> Hyperparameters => _inner.Hyperparameters;

    public ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default) => _flaws.RunAsync(
        async token =>
        {
            var (labels, classCount) = _flaws.Labels(context.Labels, context.ClassCount);
            var seen = new TrainingContext
            {
                Task = context.Task,
                Features = context.Features,
                Labels = labels,
                ClassCount = classCount,
                Parameters = context.Parameters,
            };
            return (IModel)new FlawedModel(flaw, await _inner.TrainAsync(seen, token), _flaws.Draw());
        },
        cancellationToken);

    public static void AddReaders(FormatReaders readers) =>
        readers.Add<IModel>(FlawedModel.Format, bytes => new FlawedModel(Flaw.None, NearestCentroidModel.Read(bytes[4..]), 0));
}
