using System.Collections.Concurrent;
using System.Reflection;
using MlOps.Sdk.Diagnostics;

namespace MlOps.Sdk.Plugins;

/// <summary>The registered readers of saved plug-ins, by what they read and format id. Thread-safe.</summary>
public sealed class FormatReaders
{
    private readonly ConcurrentDictionary<(Type, string), object> _readers = new();
    private volatile MissingFormat? _missing;

    /// <summary>
    /// Called with every package before anything of it is read, and throws for one that must not be; <see langword="null"/> where all may.
    /// </summary>
    internal Action<ReadOnlyMemory<byte>>? Verify { get; set; }

    /// <summary>What was to be read last and has no reader here; <see langword="null"/> where all was there.</summary>
    internal MissingFormat? Missing => _missing;

    /// <summary>The same readers, for an owner of their own.</summary>
    internal FormatReaders Copy()
    {
        var copy = new FormatReaders();
        foreach (var (key, reader) in _readers) copy._readers[key] = reader;
        return copy;
    }

    /// <summary>Adds those readers of another owner that are of one assembly.</summary>
    internal FormatReaders AddThose(FormatReaders of, string assembly)
    {
        foreach (var (key, reader) in of._readers.Where(entry => AssemblyOf(entry.Value) == assembly)) _readers[key] = reader;
        return this;
    }

    /// <summary>The assembly of the code that reads a format; <see langword="null"/> where nobody does.</summary>
    internal string? FindAssembly(Type what, string formatId) =>
        _readers.TryGetValue((what, formatId), out var reader) ? AssemblyOf(reader) : null;

    private static string? AssemblyOf(object reader) =>
        (reader is IFunction { Code: { } code } ? code.Module.Assembly : reader.GetType().Assembly).GetName().Name;

    /// <summary>Registers a reader.</summary>
    /// <typeparam name="T">What is read: a fitted transform, a row processor or a model.</typeparam>
    /// <param name="reader">The reader; it replaces one of the same format id.</param>
    /// <returns>This object, to register another.</returns>
    public FormatReaders Add<T>(IFormatReader<T> reader)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reader.FormatId);
        _readers[(typeof(T), reader.FormatId)] = reader;
        return this;
    }

    /// <summary>Registers a reader given as a function.</summary>
    /// <typeparam name="T">What is read: a fitted transform, a row processor or a model.</typeparam>
    /// <param name="formatId">The format id that the function understands.</param>
    /// <param name="read">Reads the saved bytes; called from several threads.</param>
    /// <returns>This object, to register another.</returns>
    public FormatReaders Add<T>(string formatId, Func<ReadOnlyMemory<byte>, T> read) => Add(new FunctionReader<T>(formatId, read));

    /// <summary>Reads saved bytes with the reader of their format id.</summary>
    /// <typeparam name="T">What to read.</typeparam>
    /// <param name="formatId">The format id that the bytes were saved under.</param>
    /// <param name="bytes">The saved bytes.</param>
    /// <exception cref="MlOpsException">No reader is registered for the format id, or the bytes are damaged.</exception>
    public T Read<T>(string formatId, ReadOnlyMemory<byte> bytes)
    {
        var reader = Find<T>(formatId);
        try
        {
            return reader.Read(bytes);
        }
        catch (Exception e) when (e is not MlOpsException)
        {
            throw new MlOpsException(
                $"The bytes of the format '{formatId}' cannot be read: {Secrets.Blank(e.Message)}",
                "The file is damaged, or was written by a newer version of the plug-in.",
                e);
        }
    }

    /// <summary>Makes sure that a format can be read.</summary>
    /// <exception cref="MlOpsException">No reader is registered for the format id.</exception>
    internal void Require<T>(string formatId) => Find<T>(formatId);

    private IFormatReader<T> Find<T>(string formatId)
    {
        if (_readers.TryGetValue((typeof(T), formatId), out var reader)) return (IFormatReader<T>)reader;
        _missing = new MissingFormat(typeof(T), formatId);
        throw new MlOpsException(
            $"No reader for the format '{formatId}' ({typeof(T).Name}) is registered.",
            KnownPackage(formatId) ?? "Register the reader of the plug-in that wrote it: workspace options `Readers.Add(…)`, " +
                "or `AddMlOps(…).AddReader(…)` in a host.");
    }

    // Formats of packages of the library's own, which the core does not know otherwise.
    private static string? KnownPackage(string formatId) => formatId.StartsWith("mlops.microsoft-ml.", StringComparison.Ordinal)
        ? "It is one of the package MlOps.Sdk.MicrosoftML: add the package, and call `UseMicrosoftML()` on the workspace options, " +
            "or `AddMlOps(…).AddMicrosoftML()` in a host."
        : null;

    private interface IFunction
    {
        MethodInfo Code { get; }
    }

    private sealed class FunctionReader<T>(string formatId, Func<ReadOnlyMemory<byte>, T> read) : IFormatReader<T>, IFunction
    {
        public string FormatId => formatId;

        public MethodInfo Code => read.Method;

        public T Read(ReadOnlyMemory<byte> bytes) => read(bytes);
    }
}
