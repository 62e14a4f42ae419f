namespace MlOps.Sdk.Registry;

/// <summary>A model version that may be deployed. Only the registry makes one, from an attestation that it holds.</summary>
public sealed class BlessedModel
{
    internal BlessedModel(ModelVersion version, Blessing blessing)
    {
        if (!blessing.IsBlessed
            || blessing.Model != version.Model
            || blessing.Version != version.Version
            || blessing.ContentHash != version.ContentHash)
        {
            throw new ArgumentException("The attestation does not bless this version.", nameof(blessing));
        }

        Version = version;
        Blessing = blessing;
    }

    /// <summary>The version.</summary>
    public ModelVersion Version { get; }

    /// <summary>Why it may be deployed.</summary>
    public Blessing Blessing { get; }
}
