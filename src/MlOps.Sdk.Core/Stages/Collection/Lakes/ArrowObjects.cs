namespace MlOps.Sdk.Collection;

/// <summary>Arrow IPC files in a store. Thread-safe.</summary>
internal sealed class ArrowObjects : ObjectFormat
{
    public override IFileSource Open(IFileContent content, string key, IReadOnlyList<(string Column, string? Value)> partition) =>
        new ArrowSource(content, key);
}
