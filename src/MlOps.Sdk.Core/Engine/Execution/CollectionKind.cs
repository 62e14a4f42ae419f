using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Reflection;
using System.Runtime.CompilerServices;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Execution;

/// <summary>A kind of collection whose state can be told by what it enumerates and by its comparers.</summary>
/// <param name="Type">The public type: the framework chooses others below it by what they hold.</param>
/// <param name="IsHashed">Whether hashes decide in which order items come out, so that no order is known.</param>
internal sealed record CollectionKind(Type Type, bool IsHashed)
{
    // The order in which these come out is the one that the application made, or that of their comparer.
    private static readonly HashSet<Type> Ordered =
    [
        typeof(ArrayList), typeof(BitArray), typeof(Queue), typeof(Stack), typeof(List<>), typeof(LinkedList<>), typeof(Queue<>),
        typeof(Stack<>), typeof(Dictionary<,>), typeof(HashSet<>), typeof(OrderedDictionary<,>), typeof(SortedDictionary<,>),
        typeof(SortedList<,>), typeof(SortedSet<>), typeof(ConcurrentBag<>), typeof(ConcurrentQueue<>), typeof(ConcurrentStack<>),
        typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(ImmutableQueue<>), typeof(ImmutableStack<>),
        typeof(ImmutableSortedDictionary<,>), typeof(ImmutableSortedSet<>),
    ];

    private static readonly HashSet<Type> Hashed =
    [
        typeof(Hashtable), typeof(ConcurrentDictionary<,>), typeof(FrozenDictionary<,>), typeof(FrozenSet<>),
        typeof(ImmutableDictionary<,>), typeof(ImmutableHashSet<>),
    ];

    private static readonly string[] ComparerNames = ["Comparer", "KeyComparer", "ValueComparer", "EqualityComparer"];

    // Of what wraps another collection, whose comparers decide, too; and of a queue that cannot be enumerated itself.
    private static readonly Dictionary<Type, string> Contents = new()
    {
        [typeof(Collection<>)] = "Items", [typeof(ObservableCollection<>)] = "Items", [typeof(ReadOnlyCollection<>)] = "Items",
        [typeof(ReadOnlyObservableCollection<>)] = "Items", [typeof(ReadOnlyDictionary<,>)] = "Dictionary",
        [typeof(ReadOnlySet<>)] = "Set", [typeof(PriorityQueue<,>)] = "UnorderedItems",
    };

    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    // Up to as many items, a frozen collection hashes none: they stay in the order in which they were given.
    private const int MostUnhashed = 4;

    /// <summary>
    /// The kind of a type; <see langword="null"/> for others than collections, and for those that do not tell all of their state.
    /// </summary>
    public static CollectionKind? Of(Type type)
    {
        if (type.IsArray) return new(type, false);
        if (CodeOrigins.Of(type) != CodeOrigin.Framework)
        {
            // Of a collection expression.
            return type.IsDefined(typeof(CompilerGeneratedAttribute), false) && typeof(IList).IsAssignableFrom(type)
                ? new(type, false)
                : null;
        }

        // Of frozen collections, the framework chooses one by what it holds.
        while (type.Namespace == typeof(FrozenSet).Namespace && !CodeText.Definition(type).IsPublic) type = type.BaseType!;
        var definition = CodeText.Definition(type);
        if (Hashed.Contains(definition)) return new(type, true);
        return Ordered.Contains(definition) || Contents.ContainsKey(definition) ? new(type, false) : null;
    }

    /// <summary>Whether a type below a collection leaves it to the collection which items come out.</summary>
    public static bool IsEnumeratedByFramework(Type type) => Array.TrueForAll(
        [typeof(IEnumerable), typeof(IDictionary)],
        contract => !contract.IsAssignableFrom(type) || Array.TrueForAll(
            type.GetInterfaceMap(contract).TargetMethods,
            method => CodeOrigins.Of(method.DeclaringType!) == CodeOrigin.Framework));

    /// <summary>The type of the items, where there is one, or of the keys.</summary>
    public Type? Item => Type.IsArray ? Type.GetElementType() : Type.IsConstructedGenericType ? Type.GetGenericArguments()[0] : null;

    /// <summary>The type of the values, where items have keys.</summary>
    public Type? Value => Type.IsConstructedGenericType && Type.GetGenericArguments() is { Length: 2 } arguments ? arguments[1] : null;

    /// <summary>What a collection decides by whether items are equal, or in which order they come.</summary>
    public IEnumerable<object> ComparersOf(object collection) => ComparerNames.Select(name => Get(collection, name)).OfType<object>();

    /// <summary>What a collection is around; <see langword="null"/> where it holds the items itself.</summary>
    public IEnumerable? ContentOf(object collection) =>
        Contents.TryGetValue(CodeText.Definition(Type), out var name) ? (IEnumerable?)Get(collection, name) : null;

    /// <summary>Whether items come out in the same order in every process.</summary>
    public bool HasOrder(IEnumerable collection)
    {
        if (!IsHashed) return true;

        // The hashes of frozen texts have no secret, other than those of other collections.
        return Type.Namespace == typeof(FrozenSet).Namespace
            && (((ICollection)collection).Count <= MostUnhashed || Item == typeof(string) && ComparersOf(collection).All(comparer =>
                comparer is IEqualityComparer<string?> ordinal && StringComparer.IsWellKnownOrdinalComparer(ordinal, out _)));
    }

    private object? Get(object collection, string name)
    {
        for (var type = Type; type is not null && type != typeof(object); type = type.BaseType)
        {
            if (type.GetProperty(name, Declared) is { } property) return property.GetValue(collection);
        }

        return null;
    }
}
