namespace MlOps.Sdk;

/// <summary>Which model files of ML.NET are read. Not thread-safe.</summary>
public sealed class MicrosoftMLOptions
{
    internal MicrosoftMLOptions()
    {
    }

    /// <summary>
    /// Simple names of assemblies to allow besides those of ML.NET, for example <c>Contoso.Transforms</c>. Their code runs when a model
    /// that names them is loaded.
    /// </summary>
    public ICollection<string> Assemblies { get; } = [];

    /// <summary>How many bytes a model file may have, and its entries together when they are unpacked. Default: 1 GiB.</summary>
    public long LargestModel { get; set; } = MLNet.CanonicalZip.LargestSize;

    internal MLNet.LoaderAllowList Build()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(LargestModel);
        return new MLNet.LoaderAllowList(Assemblies) { LargestSize = LargestModel };
    }
}
