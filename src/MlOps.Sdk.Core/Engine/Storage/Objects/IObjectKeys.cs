namespace MlOps.Sdk.Storage;

/// <summary>A store that knows which keys it can keep, where that is fewer than <see cref="ObjectKey"/> says. Thread-safe.</summary>
internal interface IObjectKeys
{
    /// <summary>Whether an object can be stored under a key.</summary>
    bool CanKeep(string key);
}
