namespace MlOps.Sdk.Execution;

/// <summary>What the engine knows of a stage. An instance serves one run.</summary>
internal interface IStage
{
    LifecycleStage Kind { get; }

    /// <summary>
    /// Raised by a patch of the library that changes the stage's results, so that they are made again. A minor version makes all again.
    /// </summary>
    int Revision => 1;

    /// <summary>The outputs of earlier stages that are read; no others can be. One that was not saved is not an input.</summary>
    IReadOnlyList<StageInput> Inputs { get; }

    /// <summary>
    /// Adds what decides the result besides the results that are read (options, content, code) to the fingerprint, and returns the work,
    /// which is done only where no saved result has that fingerprint.
    /// </summary>
    ValueTask<StageWork> PrepareAsync(FingerprintBuilder fingerprint, StageContext context, CancellationToken cancellationToken);
}
