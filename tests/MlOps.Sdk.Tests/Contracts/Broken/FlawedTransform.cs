using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Tests.Plugins;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>A good transform with one flaw.</summary>
internal sealed class FlawedTransform(Flaw flaw) : IFeatureTransform
{
    private readonly LogScale _inner = new("amount", "visits");
    private readonly TrainingFlaws _flaws = new(flaw);

    public IReadOnlyList<string> Inputs => _inner.Inputs;

    public ValueTask<IFittedTransform> FitAsync(IFitContext context, CancellationToken cancellationToken = default) => _flaws.RunAsync(
        async token => (IFittedTransform)new FlawedFittedTransform(flaw, await _inner.FitAsync(context, token), _flaws.Draw()),
        cancellationToken);

    public static void AddReaders(FormatReaders readers) => readers.Add<IFittedTransform>(
        FlawedFittedTransform.Format, bytes => new FlawedFittedTransform(Flaw.None, FittedLogScale.Read(bytes[4..]), 0));
}
