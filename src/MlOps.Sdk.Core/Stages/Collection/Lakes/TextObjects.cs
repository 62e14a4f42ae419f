namespace MlOps.Sdk.Collection;

/// <summary>Objects of text, compressed or not. Thread-safe.</summary>
internal sealed class TextObjects(IRecordFormat format) : ObjectFormat
{
    public override IFileSource Open(IFileContent content, string key, IReadOnlyList<(string Column, string? Value)> partition) =>
        new FileSource(new TextFile(content, key), format);
}
