namespace MlOps.Sdk.Collection;

/// <summary>A source that is a file, so that it can be one of a folder, or have been downloaded.</summary>
internal interface IFileSource : IDataSource
{
    /// <summary>The same file under another name in messages, and with a limit to what a compressed one may hold.</summary>
    IFileSource As(string name, long maxUnpackedBytes = long.MaxValue);

    /// <summary>Reads the file once, to read it later together with others.</summary>
    ValueTask<FolderPart> InspectAsync(ReadRequest request, CancellationToken cancellationToken);
}
