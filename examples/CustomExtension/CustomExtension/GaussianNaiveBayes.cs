using System.Buffers;
using System.Text.Json;
using MlOps.Sdk;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace CustomExtension;

/// <summary>
/// Naive Bayes: in each class, each feature is normally distributed, apart from the others (Bishop, Pattern Recognition and Machine
/// Learning, 4.2). Thread-safe.
/// </summary>
public sealed class GaussianNaiveBayes : ITrainer
{
    /// <summary>What a saved model is found by. Raise the number when what is saved changes.</summary>
    public const string Format = "customextension.naive-bayes/1";

    // A share of the greatest variance that is added to all, so that a feature that is constant in a class decides nothing alone.
    private static readonly NumberHyperparameter Smoothing = new("smoothing", @default: 1e-6, minimum: 1e-12, maximum: 1);

    public string Name => "naive Bayes";

    // Part of the fingerprint: raise it when the same rows train another model.
    public string Version => "1";

    public TrainerCapabilities Capabilities { get; } =
        new([TaskKind.BinaryClassification, TaskKind.MulticlassClassification]) { Weights = false };

    public IReadOnlyList<Hyperparameter> Hyperparameters { get; } = [Smoothing];

    public ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        // They reject what the built-in trainers reject, with a remedy.
        context.Check(this);
        context.CheckClasses(this);
        var (classes, width) = (context.ClassCount, context.Features.Width);
        var labels = context.Labels.Span;
        var (counts, means, variances) = (new double[classes], new double[classes * width], new double[classes * width]);
        foreach (var label in labels) counts[(int)label]++;
        for (var slot = 0; slot < width; slot++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var values = context.Features.Column(slot);
            for (var row = 0; row < values.Length; row++) means[(int)labels[row] * width + slot] += values[row] / counts[(int)labels[row]];
            for (var row = 0; row < values.Length; row++)
            {
                var at = (int)labels[row] * width + slot;
                variances[at] += (values[row] - means[at]) * (values[row] - means[at]) / counts[(int)labels[row]];
            }
        }

        var added = Math.Max(context.Setting(Smoothing).AsNumber() * variances.Max(), 1e-12);
        for (var i = 0; i < variances.Length; i++) variances[i] += added;
        return ValueTask.FromResult<IModel>(
            new Model(context.Task, [.. counts.Select(count => count / context.Labels.Length)], means, variances));
    }

    /// <summary>The share of each class, and the mean and variance of each feature in it. Immutable.</summary>
    private sealed class Model(TaskKind task, double[] shares, double[] means, double[] variances) : IModel
    {
        private readonly int _width = means.Length / shares.Length;

        public ModelSignature Signature { get; } = new(
            task, means.Length / shares.Length, Outputs: task == TaskKind.BinaryClassification ? 1 : shares.Length);

        public string FormatId => Format;

        public void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch)
        {
            for (var row = 0; row < rows.RowCount; row++)
            {
                var features = rows.Row(row);
                if (task == TaskKind.BinaryClassification)
                {
                    output[row] = 1 / (1 + Math.Exp(LogDensity(0, features) - LogDensity(1, features)));
                    continue;
                }

                var ofRow = output.Slice(row * shares.Length, shares.Length);
                var (greatest, sum) = (double.NegativeInfinity, 0.0);
                for (var k = 0; k < ofRow.Length; k++) greatest = Math.Max(greatest, ofRow[k] = LogDensity(k, features));
                foreach (ref var value in ofRow) sum += value = Math.Exp(value - greatest);
                foreach (ref var value in ofRow) value /= sum;
            }
        }

        public void Save(IBufferWriter<byte> to)
        {
            using var json = new Utf8JsonWriter(to);
            json.WriteStartArray();
            json.WriteStringValue(task.ToString());
            foreach (var part in new[] { shares, means, variances })
            {
                json.WriteStartArray();
                foreach (var value in part) json.WriteNumberValue(value);
                json.WriteEndArray();
            }

            json.WriteEndArray();
        }

        public void Dispose()
        {
        }

        // Without the constant that all classes share. A class that had no rows has the share 0, and so the probability 0.
        private double LogDensity(int k, ReadOnlySpan<float> features)
        {
            var log = Math.Log(shares[k]);
            for (var slot = 0; slot < features.Length; slot++)
            {
                var (mean, variance) = (means[k * _width + slot], variances[k * _width + slot]);
                log -= 0.5 * (Math.Log(variance) + (features[slot] - mean) * (features[slot] - mean) / variance);
            }

            return log;
        }
    }

    /// <summary>Reads what was saved, in any process that registers it, and believes none of the bytes.</summary>
    public sealed class Reader : IFormatReader<IModel>
    {
        public string FormatId => Format;

        public IModel Read(ReadOnlyMemory<byte> bytes)
        {
            using var json = JsonDocument.Parse(bytes);
            var saved = json.RootElement;
            var task = Enum.Parse<TaskKind>(saved[0].GetString()!);
            double[][] parts =
                [.. saved.EnumerateArray().Skip(1).Select(part => part.EnumerateArray().Select(x => x.GetDouble()).ToArray())];
            if (parts is not [{ Length: > 1 } shares, var means, var variances]
                || means.Length == 0 || means.Length % shares.Length != 0 || variances.Length != means.Length
                || (task == TaskKind.BinaryClassification && shares.Length != 2))
            {
                throw new MlOpsException("The parts of the saved model do not fit each other.", "Load the package from a backup.");
            }

            return new Model(task, shares, means, variances);
        }
    }
}
