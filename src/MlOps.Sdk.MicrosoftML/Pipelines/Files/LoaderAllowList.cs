using System.Reflection;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// The assemblies whose code a model file may request. ML.NET loads whatever assembly a file names, so a file is checked before it is
/// loaded. The list is not a sandbox: what the allowed code does when it loads a file is up to that code. Immutable and thread-safe.
/// </summary>
internal sealed class LoaderAllowList
{
    // Where the code of assemblies of earlier versions is now, as ML.NET forwards them.
    private static readonly Dictionary<string, string> s_forwarded = new(StringComparer.Ordinal)
    {
        ["Microsoft.ML.StandardLearners"] = "Microsoft.ML.StandardTrainers",
        ["Microsoft.ML.HalLearners"] = "Microsoft.ML.Mkl.Components",
    };

    private readonly HashSet<string> _names;

    /// <summary>Creates a list.</summary>
    /// <param name="additional">Simple names of assemblies that are trusted besides those of <see cref="Known"/>.</param>
    /// <exception cref="ArgumentException">A name is empty or no simple name.</exception>
    public LoaderAllowList(params IEnumerable<string> additional)
    {
        _names = [.. Known];
        foreach (var name in additional)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(name, nameof(additional));
            if (name.AsSpan().ContainsAny(",*\\/"))
            {
                throw new ArgumentException(
                    $"'{name}' is not a simple name of an assembly, such as Contoso.Transforms; patterns are not supported.",
                    nameof(additional));
            }
            _names.Add(s_forwarded.GetValueOrDefault(name, name));
        }
    }

    /// <summary>How many bytes a model file may have, and its entries together when they are unpacked.</summary>
    public long LargestSize { get; init; } = CanonicalZip.LargestSize;

    /// <summary>The assemblies of ML.NET that the library's packages bring.</summary>
    public static IReadOnlyList<string> Known { get; } =
    [
        "Microsoft.ML.Core",
        "Microsoft.ML.Data",
        "Microsoft.ML.FastTree",
        "Microsoft.ML.KMeansClustering",
        "Microsoft.ML.LightGbm",
        "Microsoft.ML.PCA",
        "Microsoft.ML.StandardTrainers",
        "Microsoft.ML.Transforms",
    ];

    /// <summary>Rejects a file that requests another assembly; nothing is loaded.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="MlOpsException">The file is not a model, or an assembly is not on the list.</exception>
    public void Check(CanonicalZip file)
    {
        OutsideLoaders.Refuse(file);
        foreach (var (entry, assembly) in LoaderHeaders.Of(file))
        {
            if (SimpleName(assembly) is { } name && _names.Contains(s_forwarded.GetValueOrDefault(name, name))) continue;
            var shown = Printable.Text(SimpleName(assembly) ?? assembly);
            throw new MlOpsException(
                $"The model file requires code of the assembly '{shown}' (entry '{Printable.Text(entry)}'), which is not allowed. " +
                    "Nothing was loaded.",
                $"If you trust it, name it in the setup of the library: UseMicrosoftML(\"{shown}\"), " +
                    $"or AddMicrosoftML(\"{shown}\") in a host.");
        }
    }

    // Read as the runtime reads it; a name with a culture would be that of a satellite.
    private static string? SimpleName(string assembly)
    {
        try
        {
            var name = new AssemblyName(assembly);
            return string.IsNullOrEmpty(name.CultureName) ? name.Name : null;
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            return null;
        }
    }
}
