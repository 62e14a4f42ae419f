namespace MlOps.Sdk.MLNet;

/// <summary>Ends a translation that cannot be; it does not leave the translation.</summary>
internal sealed class NotTranslatableException(string whyNot) : Exception(whyNot);
