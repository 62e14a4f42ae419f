namespace MlOps.Sdk.Storage;

/// <summary>The errors for an object that is not what it was when it was listed.</summary>
internal static class ObjectChange
{
    /// <param name="address">The object, without secrets.</param>
    public static MlOpsException Changed(string address) => new(
        "The object changed while it was being read.",
        "Write new objects under new keys instead of over others, then run again.") { DataSource = address };

    /// <param name="address">The object, without secrets.</param>
    public static MlOpsException Gone(string address) => new(
        "The object was deleted while it was being read.",
        "Run again; delete objects only when nothing reads them.") { DataSource = address };
}
