using System.Text;
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
        Assert.That(Enumerable.Range(0, 2).Select(_ => Text(new Options(1, ["a", "b"], new Dictionary<string, double> { ["x"] = 1.5 }))).Distinct().Count(), Is.EqualTo(1));
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
    public void Describe_FrameworkServiceOrStream_IsOpaque() => Assert.Multiple(() =>
    {
        Assert.That(Opaque(new MemoryStream()), Does.Contain("MemoryStream"));
        Assert.That(Opaque(new Random(1)), Does.Contain("Random"));
    });

    [Test]
    public void Describe_ObjectsThatReferToEachOther_Ends()
    {
        var node = new Node();
        node.Next = node;

        Assert.That(Opaque(node), Is.Null);
    }

    private static string Text(object? value)
    {
        var text = new StringBuilder();
        ObjectState.Describe(value, text);
        return text.ToString();
    }

    private static string? Opaque(object? value) => ObjectState.Describe(value, new StringBuilder());

    private sealed record Options(int Number, string[] Names, Dictionary<string, double> Values);

    private sealed class Hidden(int value)
    {
        private readonly int _value = value;

        public override string ToString() => $"{_value}";
    }

    private sealed class Node
    {
        public Node? Next { get; set; }
    }
}
