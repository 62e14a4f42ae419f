namespace MlOps.Sdk.Execution;

/// <summary>What the engine knows of a stage. An instance serves one run.</summary>
internal interface IStage
{
    LifecycleStage Kind { get; }

    /// <summary>The outputs of earlier stages that are read; no others can be. One that was not saved is not an input.</summary>
    IReadOnlyList<StageInput> Inputs { get; }

    /// <summary>Says what decides the result besides the results that are read: options, content, code.</summary>
    ValueTask DescribeAsync(FingerprintBuilder fingerprint, StageContext context, CancellationToken cancellationToken);

    /// <summary>Does the work. Everything that later stages read is saved through the context.</summary>
    ValueTask ExecuteAsync(StageContext context, CancellationToken cancellationToken);
}
