using MlOps.Sdk.Plugins;
using MlOps.Sdk.Tests.Plugins;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>A good row trainer with one flaw.</summary>
internal sealed class FlawedRowTrainer(Flaw flaw) : IRowTrainer
{
    private readonly ColumnCentroidTrainer _inner = new();
    private readonly TrainingFlaws _flaws = new(flaw);

    public string Name => _inner.Name;

    public string Version => _inner.Version;

    public TrainerCapabilities Capabilities => _inner.Capabilities;

    public IReadOnlyList<Hyperparameter> Hyperparameters => _inner.Hyperparameters;

    public ValueTask<IRowModel> TrainAsync(RowTrainingContext context, CancellationToken cancellationToken = default) => _flaws.RunAsync(
        async token =>
        {
            var (labels, classCount) = _flaws.Labels(context.Labels, context.ClassCount);
            var seen = new RowTrainingContext
            {
                Task = context.Task,
                Problem = context.Problem,
                Encoding = context.Encoding,
                Rows = context.Rows,
                Labels = labels,
                ClassCount = classCount,
                Parameters = context.Parameters,
            };
            return (IRowModel)new FlawedRowModel(flaw, await _inner.TrainAsync(seen, token), _flaws.Draw());
        },
        cancellationToken);

    public static void AddReaders(FormatReaders readers) => readers.Add<IRowModel>(
        FlawedRowModel.Format, bytes => new FlawedRowModel(Flaw.None, new ColumnCentroidModel(NearestCentroidModel.Read(bytes[4..])), 0));
}
