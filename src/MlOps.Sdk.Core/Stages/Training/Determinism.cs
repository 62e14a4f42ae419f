using System.Text.Json.Serialization;

namespace MlOps.Sdk.Training;

/// <summary>When the same rows, settings and seed give the same model.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Determinism>))]
public enum Determinism
{
    /// <summary>For any number of threads.</summary>
    AnyThreads,

    /// <summary>With one thread only.</summary>
    OneThread,

    /// <summary>Never.</summary>
    Never,
}
