using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Tests.Plugins;

/// <summary>An application that was compiled for a test and loaded beside its other builds.</summary>
internal sealed class BuiltApp : IDisposable
{
    private const string Usings =
        "global using System; global using System.Collections.Generic; global using System.Linq; " +
        "global using System.Threading; global using System.Threading.Tasks;";

    private static readonly Lazy<MetadataReference[]> Platform = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal)
                || name is "netstandard.dll" or "Microsoft.CSharp.dll" or "MlOps.Sdk.Core.dll" or "MathNet.Numerics.dll"
                    or "Microsoft.Extensions.DependencyInjection.Abstractions.dll" or "System.dll" or "mscorlib.dll"))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ]);

    private readonly AssemblyLoadContext _context;

    private BuiltApp(AssemblyLoadContext context, Assembly assembly) => (_context, Assembly) = (context, assembly);

    public Assembly Assembly { get; }

    /// <summary>The code that the delegate or object of <c>App.Root()</c> reaches.</summary>
    public CodeReach Reach => Root switch
    {
        Delegate function => UserCode.OfMethod(function.Method),
        var plugin => UserCode.OfObject(plugin.GetType()),
    };

    public object Root => Call("Root");

    /// <summary>Compiles and loads a source that declares <c>App.Root()</c>.</summary>
    /// <param name="source">The application.</param>
    /// <param name="other">The source of an assembly that the application references.</param>
    /// <param name="optimize">Whether it is a Release build.</param>
    /// <param name="path">The name of the source file.</param>
    /// <param name="isDeployed">Whether the other assembly is there at run time.</param>
    /// <param name="folder">Where the application is written and loaded from; from memory by default.</param>
    public static BuiltApp Build(
        string source, string? other = null, bool optimize = true, string path = "App.cs", bool isDeployed = true, string? folder = null)
    {
        var context = new AssemblyLoadContext(null, isCollectible: true);
        var references = Platform.Value;
        if (other is not null)
        {
            var bytes = Compile("Other", other, references, optimize, "Other.cs");
            references = [.. references, MetadataReference.CreateFromImage(bytes)];
            if (isDeployed) context.LoadFromStream(new MemoryStream(bytes));
        }

        var app = Compile("App", source, references, optimize, path);
        if (folder is null) return new BuiltApp(context, context.LoadFromStream(new MemoryStream(app)));
        var file = Path.Combine(folder, "App.dll");
        File.WriteAllBytes(file, app);
        return new BuiltApp(context, context.LoadFromAssemblyPath(file));
    }

    /// <summary>The code that an application reaches.</summary>
    public static CodeReach ReachOf(
        string source, string? other = null, bool optimize = true, string path = "App.cs", bool isDeployed = true)
    {
        using var app = Build(source, other, optimize, path, isDeployed);
        return app.Reach;
    }

    /// <summary>The code that a lambda reaches, as C# writes it: <c>x =&gt; x + 1</c> from a number to a number.</summary>
    /// <param name="lambda">The lambda.</param>
    /// <param name="members">Members and types beside it.</param>
    public static CodeReach ReachOfLambda(string lambda, string members = "") => ReachOf(Source(lambda, members));

    public static string Source(string lambda, string members = "") => $$"""
        public static partial class App
        {
            public static object Root() => (Func<double, object>)({{lambda}});
        }
        {{members}}
        """;

    /// <summary>Calls a static method of <c>App</c>.</summary>
    public object Call(string method) => Assembly.GetType("App")!.GetMethod(method)!.Invoke(null, null)!;

    public void Dispose() => _context.Unload();

    private static byte[] Compile(string name, string source, MetadataReference[] references, bool optimize, string path)
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        var compilation = CSharpCompilation.Create(
            name,
            [CSharpSyntaxTree.ParseText(source, options, path), CSharpSyntaxTree.ParseText(Usings, options)],
            references,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                optimizationLevel: optimize ? OptimizationLevel.Release : OptimizationLevel.Debug,
                allowUnsafe: true,
                deterministic: false));
        using var stream = new MemoryStream();
        var result = compilation.Emit(stream);
        if (!result.Success) throw new InvalidOperationException(string.Join('\n', result.Diagnostics) + source);
        return stream.ToArray();
    }
}
