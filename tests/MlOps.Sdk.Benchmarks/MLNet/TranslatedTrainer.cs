using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.MLNet;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Benchmarks.MLNet;

/// <summary>Trains with Microsoft.ML on the features of the core, and hands on the translated model.</summary>
internal sealed class TranslatedTrainer(
    Func<BinaryClassificationCatalog, IEstimator<ITransformer>> estimator) : ITrainer
{
    public string Name => "translated";

    public string Version => "1";

    public TrainerCapabilities Capabilities { get; } = new([TaskKind.BinaryClassification], HandlesMissing: true);

    public IReadOnlyList<Hyperparameter> Hyperparameters => [];

    public ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        var ml = new MLContext(1);
        var labels = context.Labels.ToArray();
        var width = context.Features.Width;
        var byRow = new float[width * labels.Length];
        context.Features.CopyRows(0, labels.Length, byRow);
        float[][] rows = [.. byRow.Chunk(width)];
        var definition = SchemaDefinition.Create(typeof(LabelledRow));
        definition[nameof(LabelledRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        var view = ml.Data.LoadFromEnumerable(
            rows.Zip(labels, (row, label) => new LabelledRow { Features = row, Churn = label == 1 }), definition);
        var translation = ModelTranslation.Translate(new TranslationRequest
        {
            Predictor = estimator(ml.BinaryClassification).Fit(ml.Data.Cache(view)),
            Signature = new ModelSignature(TaskKind.BinaryClassification, width, 1),
            Rows = rows,
        });
        return ValueTask.FromResult(translation.Model ?? throw new InvalidOperationException(translation.WhyNot));
    }

    private sealed class LabelledRow
    {
        public float[] Features { get; set; } = [];

        [ColumnName("churn")]
        public bool Churn { get; set; }
    }
}
