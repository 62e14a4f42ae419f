using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Security.Cryptography;

namespace MlOps.Sdk.Plugins;

/// <summary>What identifies whole modules: their version ids, and those of what they reference, down to the framework.</summary>
/// <remarks>Thread-safe. Holds no assembly in memory that could be unloaded.</remarks>
internal sealed class ModuleIdentities
{
    private readonly SortedDictionary<string, string> _users = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _packages = new(StringComparer.Ordinal);
    private readonly HashSet<Assembly> _seen = [];

    private static readonly ConditionalWeakTable<Assembly, ModuleIdentities> Known = [];

    private readonly Lazy<ILookup<string, Type>> _named;
    private readonly Lazy<ILookup<Type, Type>> _kinds;

    private ModuleIdentities()
    {
        _named = new(() => UserTypes.ToLookup(type => type.FullName!, StringComparer.Ordinal));
        _kinds = new(() => UserTypes
            .Where(type => !type.IsInterface)
            .SelectMany(type => ContractsOf(type).Distinct().Select(contract => (Contract: contract, Type: type)))
            .ToLookup(kind => kind.Contract, kind => kind.Type));
    }

    /// <summary>The modules of the application: name and identity.</summary>
    public IEnumerable<(string Name, string Identity)> Users => _users.Select(module => (module.Key, module.Value));

    /// <summary>The packages, of this library too: name and identity.</summary>
    public IEnumerable<(string Name, string Identity)> Packages => _packages.Select(module => (module.Key, module.Value));

    /// <summary>The types of the application.</summary>
    private IEnumerable<Type> UserTypes => _seen.Where(assembly => CodeOrigins.Of(assembly) == CodeOrigin.User).SelectMany(TypesOf);

    /// <summary>The types of the application that a text names, with or without their assembly.</summary>
    public IEnumerable<Type> UserTypesNamed(string name) => _named.Value[name.Split(',', 2)[0].Trim()];

    /// <summary>The types of the application that implement an interface, or are a class or derived from it; of its definition.</summary>
    public IEnumerable<Type> KindsOf(Type contract) => _kinds.Value[contract];

    /// <summary>Whether the runtime does not say what a module references, so that there may be more.</summary>
    public bool HasUnknown { get; private set; }

    /// <summary>Whether a module of the application is in no file of its own, so that those of its languages cannot be found.</summary>
    public bool HasNoFile { get; private set; }

    /// <summary>An assembly and all that it references.</summary>
    public static ModuleIdentities Of(Assembly assembly) => Known.GetValue(assembly, static root =>
    {
        var modules = new ModuleIdentities();
        modules.Add(root);
        return modules;
    });

    /// <summary>Assemblies and all that they reference.</summary>
    public static ModuleIdentities Of(IReadOnlyCollection<Assembly> assemblies)
    {
        if (assemblies.Count == 1) return Of(assemblies.First());
        var all = new ModuleIdentities();
        foreach (var modules in assemblies.Select(Of))
        {
            all._seen.UnionWith(modules._seen);
            all.HasUnknown |= modules.HasUnknown;
            all.HasNoFile |= modules.HasNoFile;
            foreach (var (name, identity) in modules._users) all._users[name] = identity;
            foreach (var (name, identity) in modules._packages) all._packages[name] = identity;
        }

        return all;
    }

    private void Add(Assembly assembly)
    {
        var origin = CodeOrigins.Of(assembly);
        if (origin == CodeOrigin.Framework && !CodeOrigins.IsDeployed(assembly)) return;
        if (assembly == typeof(ModuleIdentities).Assembly || !_seen.Add(assembly)) return;
        var name = assembly.GetName();
        if (origin == CodeOrigin.Library)
        {
            _packages[name.Name!] = CodeOrigins.VersionOf(assembly);
            return;
        }

        var identity = $"{name.Version} {assembly.ManifestModule.ModuleVersionId}";
        if (origin == CodeOrigin.User)
        {
            HasNoFile |= assembly.Location.Length == 0;
            identity += Languages(assembly);
        }

        (origin == CodeOrigin.User ? _users : _packages)[name.Name!] = identity;
        foreach (var reference in References(assembly))
        {
            if (Load(assembly, reference) is { } referenced) Add(referenced);
            else _packages.TryAdd(reference.Name!, $"{reference.Version} is missing");
        }
    }

    // Resources of one language are in a folder of its name, in a module that nobody references.
    private static string Languages(Assembly assembly)
    {
        if (Path.GetDirectoryName(assembly.Location) is not { Length: > 0 } folder) return "";
        var file = $"{assembly.GetName().Name}.resources.dll";
        var found = Directory.EnumerateDirectories(folder)
            .Select(language => Path.Combine(language, file))
            .Where(File.Exists)
            .Order(StringComparer.Ordinal)
            .Select(path => $" {Path.GetFileName(Path.GetDirectoryName(path))} {Hash(path)}");
        return string.Concat(found);

        static string Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
    }

    private static IEnumerable<Type> ContractsOf(Type type)
    {
        foreach (var contract in type.GetInterfaces()) yield return CodeText.Definition(contract);
        for (var parent = type; parent is not null; parent = parent.BaseType) yield return CodeText.Definition(parent);
    }

    private static IEnumerable<Type> TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            // A type whose base cannot be loaded cannot be made either.
            return e.Types.OfType<Type>();
        }
    }

    private AssemblyName[] References(Assembly assembly)
    {
        try
        {
            return assembly.GetReferencedAssemblies();
        }
        catch (PlatformNotSupportedException)
        {
            // Compiled ahead of time into one module.
            HasUnknown = true;
            return [];
        }
    }

    private static Assembly? Load(Assembly from, AssemblyName name)
    {
        try
        {
            return (AssemblyLoadContext.GetLoadContext(from) ?? AssemblyLoadContext.Default).LoadFromAssemblyName(name);
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or NotSupportedException)
        {
            // An optional dependency that the application does without. FileLoadException and FileNotFoundException are IOExceptions.
            return null;
        }
    }
}
