using System.Buffers;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Rollout;

/// <summary>Trains good models, which do something wrong as soon as they are told to.</summary>
internal sealed class FaultyTrainer : ITrainer
{
    private const string Format = "test.faulty/1";

    private readonly ITrainer _inner = Trainers.LogisticRegression();

    public PlantedFault Fault { get; set; }

    public string Name => "faulty";

    public string Version => "1";

    public TrainerCapabilities Capabilities => _inner.Capabilities;

    public IReadOnlyList<Hyperparameter> Hyperparameters => _inner.Hyperparameters;

    public IReadOnlyList<string> FormatIds => [Format];

    public async ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default) =>
        new Model(this, await _inner.TrainAsync(context, cancellationToken));

    public void AddReader(FormatReaders readers) => readers.Add<IModel>(Format, bytes => new Model(this, LinearModel.Read(bytes)));

    private sealed class Model(FaultyTrainer trainer, IModel inner) : IModel
    {
        private int _calls;

        public ModelSignature Signature => inner.Signature;

        public string FormatId => Format;

        public void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch)
        {
            inner.Predict(rows, output, scratch);
            var isFifth = Interlocked.Increment(ref _calls) % 5 == 0;
            switch (trainer.Fault)
            {
                case PlantedFault.Slow:
                    Thread.SpinWait(20_000);
                    break;
                case PlantedFault.Throws when isFifth:
                    throw new InvalidOperationException("The model fails.");
                case PlantedFault.NotANumber when isFifth:
                    output.Fill(double.NaN);
                    break;
                case PlantedFault.Refuses when isFifth:
                    throw new MlOpsException("A feature is missing.", "Give it.") { IsOfCaller = true };
                case PlantedFault.Drifts:
                    output.Fill(0.9);
                    break;
                case PlantedFault.Biased:
                    // After the numbers, a feature tells one plan from the others.
                    for (var i = 0; i < rows.RowCount; i++) output[i] = rows.Row(i)[^2] > 0 ? 0.99 : 0.01;
                    break;
                case PlantedFault.Worse:
                    for (var i = 0; i < output.Length; i++) output[i] = 1 - output[i];
                    break;
            }
        }

        public void Save(IBufferWriter<byte> to) => inner.Save(to);

        public void Dispose() => inner.Dispose();
    }
}
