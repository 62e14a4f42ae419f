using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MlOps.Sdk.Tests.Architecture;

/// <summary>
/// Which room of the core uses which, and which folder inside a room uses its siblings, found by the compiler:
/// every name in the code is resolved to the file that declares it.
/// </summary>
internal sealed class RoomGraph
{
    public const string Root = "(root)";

    private const string GlobalUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; " +
        "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    private static readonly Lazy<RoomGraph> Core = new(Build);

    private RoomGraph(
        IReadOnlyDictionary<(string From, string To), string> uses,
        IReadOnlyDictionary<(string From, string To), string> siblingUses)
    {
        Uses = uses;
        SiblingUses = siblingUses;
    }

    /// <summary>For each pair of rooms where the first uses the second, an example.</summary>
    public IReadOnlyDictionary<(string From, string To), string> Uses { get; }

    /// <summary>For each pair of folders with one parent inside a room where the first uses the second, an example.</summary>
    public IReadOnlyDictionary<(string From, string To), string> SiblingUses { get; }

    public static RoomGraph OfCore() => Core.Value;

    /// <summary>The first cycle among rooms or folders, as a path; empty when there is none.</summary>
    public static IReadOnlyList<string> FindCycle(IEnumerable<(string From, string To)> uses)
    {
        var targets = uses.Where(use => use.To != Root).ToLookup(use => use.From, use => use.To, StringComparer.Ordinal);
        var done = new HashSet<string>();
        var path = new List<string>();
        return targets.Select(from => from.Key).Order().Any(Visit) ? path : [];

        bool Visit(string node)
        {
            var seen = path.IndexOf(node);
            if (seen >= 0)
            {
                path.RemoveRange(0, seen);
                path.Add(node);
                return true;
            }

            if (!done.Add(node)) return false;
            path.Add(node);
            if (targets[node].Order().Any(Visit)) return true;
            path.RemoveAt(path.Count - 1);
            return false;
        }
    }

    /// <summary>The folders below the deepest folder that holds both files, when that lies inside a room and they differ.</summary>
    /// <param name="from">A file's path from the project, divided.</param>
    /// <param name="to">Another's.</param>
    public static (string From, string To)? Siblings(string[] from, string[] to)
    {
        var common = 0;
        while (common < from.Length - 1 && common < to.Length - 1 && from[common] == to[common]) common++;
        return common >= 2 && common < from.Length - 1 && common < to.Length - 1
            ? (string.Join('/', from[..(common + 1)]), string.Join('/', to[..(common + 1)]))
            : null;
    }

    private static RoomGraph Build()
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        var trees = Repository.SourceFiles(Repository.Source)
            .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), options, file))
            .ToList();
        trees.Add(CSharpSyntaxTree.ParseText(GlobalUsings, options));
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Concat(Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll"))
            .DistinctBy(Path.GetFileName)
            .Where(path => Path.GetFileName(path) != "MlOps.Sdk.Core.dll" && IsManaged(path))
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            "Core",
            trees,
            references,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                allowUnsafe: true,
                nullableContextOptions: NullableContextOptions.Enable));

        var uses = new Dictionary<(string, string), string>();
        var siblingUses = new Dictionary<(string, string), string>();
        foreach (var tree in trees.Where(tree => tree.FilePath.Length > 0))
        {
            var model = compilation.GetSemanticModel(tree);
            var from = Parts(tree.FilePath);
            foreach (var name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
            {
                if (model.GetSymbolInfo(name).Symbol is not { } symbol || symbol is INamespaceSymbol) continue;
                var type = symbol as INamedTypeSymbol ?? symbol.ContainingType;
                var declared = type?.OriginalDefinition.DeclaringSyntaxReferences.FirstOrDefault()?.SyntaxTree.FilePath;
                if (string.IsNullOrEmpty(declared) || declared == tree.FilePath) continue;
                var to = Parts(declared);
                var example = $"{from[^1]}:{name.GetLocation().GetLineSpan().StartLinePosition.Line + 1} uses {type!.Name}";
                if (RoomOf(from) != RoomOf(to)) uses.TryAdd((RoomOf(from), RoomOf(to)), example);
                else if (Siblings(from, to) is { } siblings) siblingUses.TryAdd(siblings, example);
            }
        }

        return new RoomGraph(uses, siblingUses);
    }

    private static string[] Parts(string file) => Path.GetRelativePath(Repository.Source, file).Split(Path.DirectorySeparatorChar);

    private static string RoomOf(string[] parts) =>
        parts.Length < 3 || ImportRules.IsRootRoom(parts[0]) ? Root : $"{parts[0]}/{parts[1]}";

    private static bool IsManaged(string path)
    {
        try
        {
            System.Reflection.AssemblyName.GetAssemblyName(path);
            return true;
        }
        catch (BadImageFormatException)
        {
            return false;
        }
    }
}
