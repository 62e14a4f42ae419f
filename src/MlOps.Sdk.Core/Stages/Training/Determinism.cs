namespace MlOps.Sdk.Training;

/// <summary>When the same rows, settings and seed give the same model.</summary>
public enum Determinism
{
    /// <summary>For any number of threads.</summary>
    AnyThreads,

    /// <summary>With one thread only.</summary>
    OneThread,

    /// <summary>Never.</summary>
    Never,
}
