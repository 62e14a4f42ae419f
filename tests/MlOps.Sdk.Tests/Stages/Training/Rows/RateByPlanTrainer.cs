using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Training;

/// <summary>Reads a column of text: the share of positive rows by its value.</summary>
internal sealed class RateByPlanTrainer(string column, Action<RowTrainingContext>? seen = null) : IRowTrainer
{
    public string Name => "rate-by-plan";

    public string Version => "1";

    public TrainerCapabilities Capabilities { get; } = new([TaskKind.BinaryClassification]) { ValidationRows = true };

    public IReadOnlyList<Hyperparameter> Hyperparameters { get; } = [new NumberHyperparameter("smoothing", 1, 0, 100)];

    public ValueTask<IRowModel> TrainAsync(RowTrainingContext context, CancellationToken cancellationToken = default)
    {
        seen?.Invoke(context);
        var smoothing = context.Setting(Hyperparameters[0]).AsNumber();
        var texts = context.Rows[column];
        var labels = context.Labels.ToArray();
        var overall = labels.Average();
        var rates = Enumerable.Range(0, labels.Length)
            .Where(row => !texts.IsNull(row))
            .GroupBy(row => texts.GetText(row)!)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .ToDictionary(
                group => group.Key,
                group => (group.Sum(row => labels[row]) + smoothing * overall) / (group.Count() + smoothing));
        return ValueTask.FromResult<IRowModel>(new RateByPlanModel(context.Rows.Schema[column], rates, overall));
    }
}
