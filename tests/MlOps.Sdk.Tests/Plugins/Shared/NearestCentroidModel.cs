using System.Buffers;
using System.Buffers.Binary;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Plugins;

/// <summary>What <see cref="NearestCentroidTrainer"/> trains: probabilities fall with the squared distance to each class's mean.</summary>
public sealed class NearestCentroidModel(TaskKind task, int classes, int width, double sharpness, double[] centroids) : IModel
{
    public const string Format = "acme.nearest-centroid/1";

    public ModelSignature Signature { get; } = new(task, width, task == TaskKind.BinaryClassification ? 1 : classes);

    public string FormatId => Format;

    public static IModel Read(ReadOnlyMemory<byte> bytes)
    {
        var from = bytes.Span;
        var (task, classes, width) = ((TaskKind)from[0], from[1], BinaryPrimitives.ReadInt32LittleEndian(from[2..]));
        if (task is not (TaskKind.BinaryClassification or TaskKind.MulticlassClassification)
            || classes < 2
            || width < 1
            || from.Length != 14 + 8L * classes * width)
        {
            throw new MlOpsException("The saved nearest-centroid model is damaged.", "Get the package from the registry again.");
        }
        var centroids = new double[classes * width];
        for (var i = 0; i < centroids.Length; i++) centroids[i] = BinaryPrimitives.ReadDoubleLittleEndian(from[(14 + i * 8)..]);
        return new NearestCentroidModel(task, classes, width, BinaryPrimitives.ReadDoubleLittleEndian(from[6..]), centroids);
    }

    public void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch)
    {
        var distances = scratch.Doubles(classes);
        for (var row = 0; row < rows.RowCount; row++)
        {
            var features = rows.Row(row);
            var nearest = double.PositiveInfinity;
            for (var k = 0; k < classes; k++)
            {
                double sum = 0;
                for (var i = 0; i < width; i++) sum += (features[i] - centroids[k * width + i]) * (features[i] - centroids[k * width + i]);
                distances[k] = sharpness * sum / width;
                nearest = Math.Min(nearest, distances[k]);
            }

            double total = 0;
            for (var k = 0; k < classes; k++) total += distances[k] = Math.Exp(nearest - distances[k]);
            if (task == TaskKind.BinaryClassification) output[row] = distances[1] / total;
            else for (var k = 0; k < classes; k++) output[row * classes + k] = distances[k] / total;
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        var bytes = to.GetSpan(14 + centroids.Length * 8);
        bytes[0] = (byte)task;
        bytes[1] = (byte)classes;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[2..], width);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes[6..], sharpness);
        for (var i = 0; i < centroids.Length; i++) BinaryPrimitives.WriteDoubleLittleEndian(bytes[(14 + i * 8)..], centroids[i]);
        to.Advance(14 + centroids.Length * 8);
    }

    public void Dispose()
    {
    }
}
