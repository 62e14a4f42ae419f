using System.Globalization;
using MlOps.Sdk.Execution;

namespace MlOps.Sdk.Benchmarks;

/// <summary>A stage that only saves a few bytes: what it costs is what the engine costs.</summary>
internal sealed class TrivialStage(LifecycleStage kind, long content) : IStage
{
    public LifecycleStage Kind => kind;

    public IReadOnlyList<StageInput> Inputs => kind == LifecycleStage.Problem ? [] : [new StageInput(kind - 1, "result")];

    public ValueTask<StageWork> PrepareAsync(FingerprintBuilder fingerprint, StageContext context, CancellationToken cancellationToken)
    {
        fingerprint.Add("content", content.ToString(CultureInfo.InvariantCulture));
        return new(new StageWork(token => context.SaveAsync("result", BitConverter.GetBytes(content * 10 + (int)kind), token)));
    }
}
