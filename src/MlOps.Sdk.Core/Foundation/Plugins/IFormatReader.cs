namespace MlOps.Sdk.Plugins;

/// <summary>
/// Reads what a plug-in saved under its format id. Registered in the workspace or the service container,
/// so that a package never names a type and reading one runs no code that was not registered.
/// </summary>
/// <typeparam name="T">What is read: a fitted transform, a row processor or a model.</typeparam>
/// <remarks>Implementations are thread-safe.</remarks>
public interface IFormatReader<out T>
{
    /// <summary>The format id that this reader understands, for example <c>acme.log-scale/1</c>.</summary>
    string FormatId { get; }

    /// <summary>Reads the bytes that <c>Save</c> wrote.</summary>
    /// <param name="bytes">The saved bytes; they come from a file and may be damaged.</param>
    /// <exception cref="MlOpsException">The bytes are not of this format.</exception>
    T Read(ReadOnlyMemory<byte> bytes);
}
