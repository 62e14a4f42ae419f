using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MlOps.Sdk.Tests.Architecture;

/// <summary>
/// Which room of the core uses which, found by the compiler: every name in the code is resolved to the file that declares it.
/// </summary>
internal sealed class RoomGraph
{
    public const string Root = "(root)";

    private RoomGraph(IReadOnlyDictionary<(string From, string To), string> uses) => Uses = uses;

    /// <summary>For each pair of rooms where the first uses the second, an example.</summary>
    public IReadOnlyDictionary<(string From, string To), string> Uses { get; }

    public static RoomGraph OfCore()
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        var trees = Repository.SourceFiles(Repository.Source)
            .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), options, file))
            .ToList();
        trees.Add(CSharpSyntaxTree.ParseText(
            "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global " +
                "using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;",
            options));
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Concat(Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll"))
            .DistinctBy(Path.GetFileName)
            .Where(path => Path.GetFileName(path) != "MlOps.Sdk.Core.dll" && IsManaged(path))
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create("Core", trees, references, new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));

        var uses = new Dictionary<(string, string), string>();
        foreach (var tree in trees)
        {
            if (tree.FilePath.Length == 0) continue;
            var from = RoomOf(tree.FilePath);
            var model = compilation.GetSemanticModel(tree);
            foreach (var name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
            {
                var symbol = model.GetSymbolInfo(name).Symbol;
                if (symbol is null or INamespaceSymbol) continue;
                var type = symbol as INamedTypeSymbol ?? symbol.ContainingType;
                var declared = type?.OriginalDefinition.DeclaringSyntaxReferences.FirstOrDefault()?.SyntaxTree.FilePath;
                if (string.IsNullOrEmpty(declared)) continue;
                var to = RoomOf(declared);
                if (to != from)
                {
                    uses.TryAdd(
                        (from, to),
                        $"{Path.GetFileName(tree.FilePath)}:{name.GetLocation().GetLineSpan().StartLinePosition.Line + 1} uses " +
                            $"{type!.Name}");
                }
            }
        }

        return new RoomGraph(uses);
    }

    /// <summary>The first cycle among the rooms, as a path; empty when there is none.</summary>
    public IReadOnlyList<string> FindCycle()
    {
        var done = new HashSet<string>();
        var path = new List<string>();
        foreach (var room in Uses.Keys.Select(use => use.From).Distinct().Order())
        {
            if (Visit(room)) return path;
        }

        return [];

        bool Visit(string room)
        {
            var seen = path.IndexOf(room);
            if (seen >= 0)
            {
                path.RemoveRange(0, seen);
                path.Add(room);
                return true;
            }

            if (!done.Add(room)) return false;
            path.Add(room);
            foreach (var next in Uses.Keys.Where(use => use.From == room && use.To != Root).Select(use => use.To).Order())
            {
                if (Visit(next)) return true;
            }

            path.RemoveAt(path.Count - 1);
            return false;
        }
    }

    private static string RoomOf(string file)
    {
        var parts = Path.GetRelativePath(Repository.Source, file).Split(Path.DirectorySeparatorChar);
        return parts.Length < 3 || ImportRules.IsRootRoom(parts[0]) ? Root : $"{parts[0]}/{parts[1]}";
    }

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
