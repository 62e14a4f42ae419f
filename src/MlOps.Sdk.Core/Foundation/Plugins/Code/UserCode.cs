using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace MlOps.Sdk.Plugins;

/// <summary>
/// The code that delegates and plug-ins reach, walked once in a process. Thread-safe. Assemblies that can be unloaded still are.
/// </summary>
internal static class UserCode
{
    private static readonly ConditionalWeakTable<Assembly, ConcurrentDictionary<(MemberInfo Root, bool Members), CodeReach>> Known = [];

    /// <inheritdoc cref="CodeWalk.OfMethod"/>
    public static CodeReach OfMethod(MethodInfo method) =>
        Find(method, false, method.Module.Assembly, static root => CodeWalk.OfMethod((MethodInfo)root));

    /// <inheritdoc cref="CodeWalk.OfObject"/>
    public static CodeReach OfObject(Type type) => Find(type, false, type.Assembly, static root => CodeWalk.OfObject((Type)root));

    /// <inheritdoc cref="CodeWalk.OfMembers"/>
    public static CodeReach OfMembers(Type type) => Find(type, true, type.Assembly, static root => CodeWalk.OfMembers((Type)root));

    private static CodeReach Find(MemberInfo root, bool members, Assembly owner, Func<MemberInfo, CodeReach> walk)
    {
        // A list in the framework of things that can be unloaded would keep them.
        if (root.IsCollectible && !owner.IsCollectible) return walk(root);
        var known = Known.GetValue(owner, static _ => []);
        return known.TryGetValue((root, members), out var reach) ? reach : known.GetOrAdd((root, members), walk(root));
    }
}
