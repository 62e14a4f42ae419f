using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Collections.Specialized;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using MlOps.Sdk.Execution;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Execution;

[TestFixture]
public sealed class ObjectStateTests
{
    [Test]
    public void Describe_EqualObjects_GivesTheSameText() => Assert.Multiple(() =>
    {
        Assert.That(
            Enumerable.Range(0, 2)
                .Select(_ => Text(new Options(1, ["a", "b"], new Dictionary<string, double> { ["x"] = 1.5 })))
                .Distinct()
                .Count(),
            Is.EqualTo(1));
        Assert.That(Text(new Options(1, ["a", "b"], [])), Is.Not.EqualTo(Text(new Options(1, ["ab"], []))));
        Assert.That(Text(new Options(1, ["a"], [])), Is.Not.EqualTo(Text(new Options(2, ["a"], []))));
        Assert.That(Text(new Regex("a")), Is.Not.EqualTo(Text(new Regex("a", RegexOptions.IgnoreCase))));
        Assert.That(Text(0.1), Is.Not.EqualTo(Text(Math.BitIncrement(0.1))));
    });

    [Test]
    public void Describe_PrivateState_IsSeen() => Assert.That(Text(new Hidden(3)), Is.Not.EqualTo(Text(new Hidden(4))));

    [Test]
    public void Describe_DelegateWithoutState_IsDescribedByItsCode() => Assert.Multiple(() =>
    {
        Func<int, int> one = x => x + 1, two = x => x + 2;
        Assert.That(Text(one), Is.Not.EqualTo(Text(two)));
        Assert.That(Opaque(one), Is.Null);
    });

    [Test]
    public void Describe_DelegateThatCapturesState_IsOpaqueAndSaysSo()
    {
        var captured = 1;
        Func<int, int> function = x => x + captured;

        Assert.That(Opaque(function), Does.Contain("captures state").And.Contain(nameof(ObjectStateTests)));
    }

    [Test]
    public void Describe_MethodOfAnObjectWithStateInItsBaseClass_IsOpaque() =>
        Assert.That(Opaque((Func<int>)new Derived(3).Read), Does.Contain("captures state"));

    // In whatever order items come out, as they do by a hash that differs in every process.
    [Test]
    public void Describe_HashedCollections_GiveTheSameTextInAnyOrder() => Assert.Multiple(() =>
    {
        string[] names = [.. Enumerable.Range(0, 50).Select(i => $"name {i}")];
        string[] reversed = [.. names.Reverse()];
        Assert.That(Text(names.ToImmutableHashSet()), Is.EqualTo(Text(reversed.ToImmutableHashSet())));
        Assert.That(
            Text(names.ToImmutableDictionary(name => name)), Is.EqualTo(Text(reversed.ToImmutableDictionary(name => name))));
        Assert.That(
            Text(names.Select(name => new Hidden(name.Length)).ToFrozenSet()),
            Is.EqualTo(Text(reversed.Select(name => new Hidden(name.Length)).ToFrozenSet())));
        Assert.That(
            Text(new Hashtable(names.ToDictionary(name => name))), Is.EqualTo(Text(new Hashtable(reversed.ToDictionary(name => name)))));
        Assert.That(
            Text(new ConcurrentDictionary<string, int>(names.Select(name => KeyValuePair.Create(name, 1)))),
            Is.EqualTo(Text(new ConcurrentDictionary<string, int>(reversed.Select(name => KeyValuePair.Create(name, 1))))));
    });

    // As long as nothing is taken out, a dictionary and a set hand out items as they came in: the first rule that matches may decide.
    [Test]
    public void Describe_CollectionsThatKeepAnOrder_CountIt() => Assert.Multiple(() =>
    {
        string[] names = ["b", "a", "c"];
        string[] reversed = [.. names.Reverse()];
        Func<string[], object>[] kinds =
        [
            items => items, items => items.ToList(), items => new Queue<string>(items), items => new Stack<string>(items),
            items => items.ToHashSet(), items => items.ToDictionary(item => item), items => items.ToFrozenSet(),
            items => items.ToFrozenDictionary(item => item), items => items.ToImmutableArray(),
            items => new ReadOnlySet<string>(items.ToHashSet()),
            items => new ReadOnlyDictionary<string, string>(items.ToDictionary(item => item)), items => Array.AsReadOnly(items),
            items => new Rules(items), items => new ConcurrentQueue<string>(items),
        ];
        foreach (var kind in kinds)
        {
            var text = Text(kind(names));
            Assert.That(Text(kind(reversed)), Is.Not.EqualTo(text), $"{kind(names).GetType()}");
            Assert.That(Text(kind(names)), Is.EqualTo(text));
            Assert.That(Opaque(kind(names)), Is.Null);
        }
    });

    private static IEnumerable<TestCaseData> Alike()
    {
        (string Name, object? One, object? Other)[] pairs =
        [
            ("numbers", 1, 1L), ("whole and real", 1.0, 1), ("arrays", new[] { 1 }, new[] { 1L }), ("chars", "ab", new[] { 'a', 'b' }),
            ("char and text", 'a', "a"), ("enumerations", DayOfWeek.Monday, ConsoleColor.DarkBlue), ("records", new One(1), new Other(1)),
            ("in a list", new List<object> { 1.0 }, new List<object> { 1 }), ("in a tuple", (1, (object)2L), (1, (object)2)),
            ("order of types", Tuple.Create<object, object>(1, 1L), Tuple.Create<object, object>(1L, 1)),
            ("stack and queue", new Stack<int>([1]), new Queue<int>([1])), ("lists", new List<int> { 1 }, new LinkedList<int>([1])),
            ("shape", new[,] { { 1, 2, 3 }, { 4, 5, 6 } }, new[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } }),
            ("jagged", new int[][] { [1, 2], [3] }, new int[][] { [1], [2, 3] }), ("length", new int[1][], new int[2][]),
            ("nothing and zero", new object?[] { null }, new object?[] { 0 }), ("none", Array.Empty<int>(), Array.Empty<long>()),
            ("default", default(ImmutableArray<int>), ImmutableArray<int>.Empty),
            ("scale", 1.0m, 1.00m), ("sign of a decimal", 0m, new decimal(0, 0, 0, true, 0)), ("sign of zero", 0.0, -0.0),
            ("not a number", double.NaN, BitConverter.UInt64BitsToDouble(0x7ff8000000000002)),
            ("seconds", new TimeOnly(1, 2, 3), new TimeOnly(1, 2, 4)),
            ("kind", new DateTime(1, DateTimeKind.Utc), new DateTime(1, DateTimeKind.Local)),
            ("no kind", new DateTime(1, DateTimeKind.Unspecified), new DateTime(1, DateTimeKind.Local)),
            ("lazy", Made<object>(1), Made(1)),
            ("delegates", new Func<double, double>(Math.Sqrt), new Converter<double, double>(Math.Sqrt)),
            ("overloads", new Func<object, string?>(Convert.ToString), new Func<string, string?>(Convert.ToString)),
            ("mark of an encoding", new UTF8Encoding(true), new UTF8Encoding(false)),
            ("fault of an encoding", new UTF8Encoding(false, true), new UTF8Encoding(false, false)),
            ("time of a pattern", new Regex("a", 0, TimeSpan.FromSeconds(1)), new Regex("a", 0, TimeSpan.FromSeconds(2))),
            ("end of a circle", Circle(true), Circle(false)), ("bits", new BitArray(3), new BitArray(4)),
            ("sorted sets", ImmutableSortedSet.Create(StringComparer.Ordinal, "a"),
                ImmutableSortedSet.Create(StringComparer.OrdinalIgnoreCase, "a")),
            ("values", ImmutableDictionary.Create<int, string>(),
                ImmutableDictionary.Create<int, string>(null, StringComparer.OrdinalIgnoreCase)),
            ("frozen", FrozenSet.Create(StringComparer.Ordinal, "a"), FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "a")),
            ("priorities", new PriorityQueue<int, string>(), new PriorityQueue<int, string>(StringComparer.OrdinalIgnoreCase)),
            ("wrapped", new ReadOnlySet<string>(new HashSet<string>()),
                new ReadOnlySet<string>(new HashSet<string>(StringComparer.OrdinalIgnoreCase))),
            ("table", new Hashtable(), new Hashtable(StringComparer.OrdinalIgnoreCase)),
        ];
        return pairs.Select(pair => new TestCaseData(pair.One, pair.Other).SetName($"Describe_AlikeButNotTheSame_Differ({pair.Name})"));
    }

    [TestCaseSource(nameof(Alike))]
    public void Describe_AlikeButNotTheSame_Differ(object one, object other) => Assert.Multiple(() =>
    {
        Assert.That(Text(other), Is.Not.EqualTo(Text(one)));
        Assert.That((Opaque(one), Opaque(other)), Is.EqualTo(((string?)null, (string?)null)));
    });

    // What they do not hand out may decide.
    [Test]
    public void Describe_CollectionsThatDoNotTellTheirState_AreOpaque() => Assert.Multiple(() =>
    {
        Assert.That(Opaque(new NameValueCollection { ["a"] = "b" }), Does.Contain("NameValueCollection"));
        Assert.That(Opaque(new[] { 1 }.ToLookup(item => item)), Does.Contain("Lookup"));
        Assert.That(Opaque((Func<int, object?>)new[] { 1 }.GetValue), Does.Contain("captures state"));
    });

    [Test]
    public void Describe_Comparers_AreToldApart() => Assert.Multiple(() =>
    {
        Assert.That(
            Text(new HashSet<string>(["a"], StringComparer.OrdinalIgnoreCase)),
            Is.Not.EqualTo(Text(new HashSet<string>(["a"], StringComparer.Ordinal))));
        Assert.That(
            Text(new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase)),
            Is.Not.EqualTo(Text(new Dictionary<string, int>())));
        Assert.That(
            Text(ImmutableDictionary.Create<string, int>(StringComparer.InvariantCulture)),
            Is.Not.EqualTo(Text(ImmutableDictionary.Create<string, int>(StringComparer.Ordinal))));
        Assert.That(Text(new Dictionary<string, int>(StringComparer.Ordinal)), Is.EqualTo(Text(new Dictionary<string, int>())));
        Assert.That(Opaque(new HashSet<int>([1, 2])), Is.Null);
        Assert.That(Text(StringComparer.Ordinal), Is.Not.EqualTo(Text(StringComparer.OrdinalIgnoreCase)));
        Assert.That(Opaque(new SortedSet<int>([1, 2], Comparer<int>.Create((a, b) => b - a))), Is.Not.Null);
    });

    // It is a comparer of texts like those of the framework, which are told by what they do.
    [Test]
    public void Describe_ComparerOfTextsOfAUser_IsToldByItsFields() => Assert.Multiple(() =>
    {
        Assert.That(Text(new ByLength(1)), Is.Not.EqualTo(Text(new ByLength(2))));
        Assert.That(
            Text(new HashSet<string>(new ByLength(1))), Is.Not.EqualTo(Text(new HashSet<string>(new ByLength(2)))));
        Assert.That(Opaque(new ByLength(1)), Is.Null);
    });

    [Test]
    public void Describe_Cultures_AreToldApartByWhatWasChangedInThem()
    {
        CultureInfo own = Copy(), dates = Copy(), years = Copy();
        own.NumberFormat.NumberDecimalSeparator = "!";
        dates.DateTimeFormat.ShortDatePattern = "yyyy";
        years.Calendar.TwoDigitYearMax = 1999;

        Assert.Multiple(() =>
        {
            Assert.That(Text(Copy()), Is.EqualTo(Text(CultureInfo.InvariantCulture)));
            Assert.That(new[] { own, dates, years, CultureInfo.ReadOnly(own) }.Select(Text), Has.All.Not.EqualTo(Text(Copy())));
            Assert.That(Text(own), Is.Not.EqualTo(Text(dates)));
            Assert.That(Text(own), Is.EqualTo(Text(CultureInfo.ReadOnly(own))));
            Assert.That(new[] { own, dates, years, Copy() }.Select(Opaque), Has.All.Null);
        });

        static CultureInfo Copy() => (CultureInfo)CultureInfo.InvariantCulture.Clone();
    }

    [Test]
    public void Describe_JsonOptions_AreTheSameBeforeAndAfterTheirFirstUse()
    {
        var options = new JsonSerializerOptions { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };
        var before = Text(options);
        JsonSerializer.Serialize(DayOfWeek.Monday, options);

        Assert.Multiple(() =>
        {
            Assert.That(Text(options), Is.EqualTo(before));
            Assert.That(Opaque(options), Is.Null);
            Assert.That(Text(new JsonSerializerOptions { Converters = { new JsonStringEnumConverter() } }), Is.Not.EqualTo(before));
            Assert.That(Text(new JsonSerializerOptions()), Is.Not.EqualTo(Text(JsonSerializerOptions.Web)));
            Assert.That(Opaque(JsonSerializerOptions.Web), Is.Null);
        });
    }

    [Test]
    public void Describe_LazyValue_IsDescribedOnceItIsMade()
    {
        var lazy = new Lazy<double>(() => 2.5);
        Assert.That(Opaque(lazy), Is.EqualTo("holds a Lazy whose value is not made yet"));
        _ = lazy.Value;

        Assert.Multiple(() =>
        {
            Assert.That(Opaque(lazy), Is.Null);
            Assert.That(Text(lazy), Does.Contain("2.5"));
        });
    }

    [Test]
    public void Describe_FrameworkServiceOrStream_IsOpaque() => Assert.Multiple(() =>
    {
        Assert.That(Opaque(new MemoryStream()), Does.Contain("MemoryStream"));
        Assert.That(Opaque(new Random(1)), Does.Contain("Random"));
    });

    // Or a patch would run everything again.
    [Test]
    public void Describe_PartsOfThisLibrary_HaveNothingThatABuildMayChange()
    {
        object[] parts =
        [
            Metric.RocAuc, Metric.Recall, Fairness.EqualOpportunityDifference("group"), Trainers.GradientBoosting(), Metric.Mae,
            new Holder<Options>(), typeof(Holder<Options>),
        ];

        Assert.Multiple(() =>
        {
            foreach (var part in parts)
            {
                var text = Text(part);
                Assert.That(text, Does.Not.Contain("<>c").And.Not.Contain("Version=").And.Not.Contain("b__"));
                Assert.That(text, Does.Not.Contain($"{typeof(ObjectState).Module.ModuleVersionId}"));
            }
        });
    }

    [Test]
    public void Describe_ObjectsThatReferToEachOther_Ends()
    {
        var node = new Node();
        node.Next = node;

        Assert.That(Opaque(node), Is.Null);
    }

    private static string Text(object? value)
    {
        var text = new ObjectText();
        ObjectState.Describe(value, text);
        return text.Key;
    }

    private static string? Opaque(object? value) => ObjectState.Describe(value, new ObjectText());

    private static Lazy<T> Made<T>(T value)
    {
        var lazy = new Lazy<T>(() => value);
        _ = lazy.Value;
        return lazy;
    }

    private static Node Circle(bool isWhole)
    {
        var first = new Node { Next = new Node() };
        first.Next.Next = isWhole ? first : first.Next;
        return first;
    }

    private sealed class Rules(IEnumerable<string> names) : List<string>(names);

    private sealed class ByLength(int step) : StringComparer
    {
        public override int Compare(string? x, string? y) => GetHashCode(x ?? "") - GetHashCode(y ?? "");

        public override bool Equals(string? x, string? y) => Compare(x, y) == 0;

        public override int GetHashCode(string obj) => obj.Length / step;
    }

    private sealed record One(int Value);

    private sealed record Other(int Value);

    private sealed record Options(int Number, string[] Names, Dictionary<string, double> Values);

    private sealed class Holder<T>
    {
        public List<T> Values { get; } = [];
    }

    private sealed class Hidden(int value)
    {
        private readonly int _value = value;

        public override string ToString() => $"{_value}";
    }

    private abstract class Kept(int value)
    {
        private readonly int _value = value;

        public int Read() => _value;
    }

    private sealed class Derived(int value) : Kept(value);

    private sealed class Node
    {
        public Node? Next { get; set; }
    }
}
