using System.Buffers;
using System.Text;
using MlOps.Sdk;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Training;

namespace CanaryExample;

/// <summary>Trains a model that asks another service with every call: no gate can see what that does in production.</summary>
internal sealed class CreditCheckedTrainer(CreditService credit) : ITrainer
{
    private const string Format = "canary-example.credit-checked/1";

    private readonly ITrainer _inner = Trainers.GradientBoosting(options => options.Trees = 60);

    public string Name => "credit-checked";

    public string Version => "1";

    public TrainerCapabilities Capabilities => _inner.Capabilities;

    public IReadOnlyList<Hyperparameter> Hyperparameters => _inner.Hyperparameters;

    public IReadOnlyList<string> FormatIds => [Format];

    public static void AddReader(FormatReaders readers, CreditService credit) => readers.Add<IModel>(
        Format,
        bytes =>
        {
            // The format of the model within comes first.
            var end = bytes.Span.IndexOf((byte)'\n');
            return new Model(readers.Read<IModel>(Encoding.UTF8.GetString(bytes.Span[..end]), bytes[(end + 1)..]), credit);
        });

    public async ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default) =>
        new Model(await _inner.TrainAsync(context, cancellationToken), credit);

    private sealed class Model(IModel inner, CreditService credit) : IModel
    {
        public ModelSignature Signature => inner.Signature;

        public string FormatId => Format;

        public void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch)
        {
            credit.Check();
            inner.Predict(rows, output, scratch);
        }

        public void Save(IBufferWriter<byte> to)
        {
            to.Write(Encoding.UTF8.GetBytes($"{inner.FormatId}\n"));
            inner.Save(to);
        }

        public void Dispose() => inner.Dispose();
    }
}
