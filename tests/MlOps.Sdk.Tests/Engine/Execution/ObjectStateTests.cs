using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
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
    public void Describe_UnorderedCollections_GiveTheSameTextInAnyOrder() => Assert.Multiple(() =>
    {
        string[] names = [.. Enumerable.Range(0, 50).Select(i => $"name {i}")];
        string[] reversed = [.. names.Reverse()];
        Assert.That(Text(names.ToHashSet()), Is.EqualTo(Text(reversed.ToHashSet())));
        Assert.That(Text(names.ToFrozenSet()), Is.EqualTo(Text(reversed.ToFrozenSet())));
        Assert.That(Text(names.ToImmutableHashSet()), Is.EqualTo(Text(reversed.ToImmutableHashSet())));
        Assert.That(Text(names.ToDictionary(name => name)), Is.EqualTo(Text(reversed.ToDictionary(name => name))));
        Assert.That(
            Text(new ConcurrentDictionary<string, int>(names.Select(name => KeyValuePair.Create(name, 1)))),
            Is.EqualTo(Text(new ConcurrentDictionary<string, int>(reversed.Select(name => KeyValuePair.Create(name, 1))))));
        Assert.That(Text(names), Is.Not.EqualTo(Text(reversed)), "a list has an order");
        Assert.That(Text(new Queue<string>(names)), Is.Not.EqualTo(Text(new Queue<string>(reversed))), "a queue has one too");
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
