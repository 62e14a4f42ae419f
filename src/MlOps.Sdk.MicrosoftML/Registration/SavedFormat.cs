using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.MLNet;

/// <summary>A format that the package reads, with the two ways to register its reader.</summary>
/// <param name="AddToReaders">Registers it in a workspace.</param>
/// <param name="AddToHost">Registers it in a host.</param>
internal sealed record SavedFormat(Action<FormatReaders> AddToReaders, Action<MlOpsBuilder> AddToHost)
{
    /// <summary>Creates the registrations of a reader.</summary>
    /// <typeparam name="T">What is read.</typeparam>
    /// <param name="formatId">The format id.</param>
    /// <param name="read">Reads the saved bytes; called from several threads.</param>
    public static SavedFormat Of<T>(string formatId, Func<ReadOnlyMemory<byte>, T> read)
    {
        var reader = new Reader<T>(formatId, read);
        return new SavedFormat(readers => readers.Add(reader), host => host.AddReader(reader));
    }

    private sealed class Reader<T>(string formatId, Func<ReadOnlyMemory<byte>, T> read) : IFormatReader<T>
    {
        public string FormatId => formatId;

        public T Read(ReadOnlyMemory<byte> bytes) => read(bytes);
    }
}
