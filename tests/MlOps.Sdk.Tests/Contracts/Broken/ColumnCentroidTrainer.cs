using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Tests.Plugins;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>A row trainer of a team's own, on the visits of the sample rows and whether they are members.</summary>
internal sealed class ColumnCentroidTrainer : IRowTrainer
{
    private readonly NearestCentroidTrainer _inner = new();

    public string Name => "column-centroid";

    public string Version => _inner.Version;

    public TrainerCapabilities Capabilities { get; } =
        new([TaskKind.BinaryClassification, TaskKind.MulticlassClassification], HandlesMissing: true) { Weights = false };

    public IReadOnlyList<Hyperparameter> Hyperparameters => _inner.Hyperparameters;

    public async ValueTask<IRowModel> TrainAsync(RowTrainingContext context, CancellationToken cancellationToken = default)
    {
        var rowCount = context.Rows.RowCount;
        var values = new float[2 * rowCount];
        for (var i = 0; i < 2; i++)
        {
            var column = context.Rows[ColumnCentroidModel.Columns[i].Name];
            for (var row = 0; row < rowCount; row++) values[i * rowCount + row] = ColumnCentroidModel.Read(column.GetNumber(row));
        }

        return new ColumnCentroidModel(await _inner.TrainAsync(
            new TrainingContext
            {
                Task = context.Task,
                Features = new FeatureMatrix(
                    [.. ColumnCentroidModel.Columns.Select(field => new FeatureSlot(field.Name, field.Name))], rowCount, values),
                Labels = context.Labels,
                ClassCount = context.ClassCount,
                Parameters = context.Parameters,
            },
            cancellationToken));
    }
}
