using MlOps.Sdk.Features;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Features;

[TestFixture]
public sealed class PredictScratchTests
{
    private static readonly Func<Counted> Create = () => new Counted();

    [Test]
    public void State_OfOwners_IsOneEachAndDisposedWithTheScratch()
    {
        object first = new(), second = new();
        var scratch = new PredictScratch();
        var a = scratch.State(first, Create);
        var b = scratch.State(second, Create);

        Assert.That(scratch.State(first, Create), Is.SameAs(a).And.Not.SameAs(b));
        Assert.That(scratch.State(second, Create), Is.SameAs(b));
        scratch.Dispose();
        scratch.Dispose();

        Assert.That((a.Disposals, b.Disposals), Is.EqualTo((1, 1)));
        Assert.That(() => scratch.State(first, Create), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void State_AfterTheFirstCall_AllocatesNothing()
    {
        using var scratch = new PredictScratch();
        object owner = new();
        scratch.State(owner, Create);
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 5 && least > 0; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++) scratch.State(owner, Create);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That(least, Is.Zero);
    }

    [Test]
    public void State_OfAnotherType_IsRefused()
    {
        using var scratch = new PredictScratch();
        object owner = new();
        scratch.State(owner, Create);

        Assert.That(() => scratch.State(owner, () => "text"), Throws.InvalidOperationException.With.Message.Contains("Counted"));
        Assert.That(() => scratch.State<string>(new object(), () => null!), Throws.InvalidOperationException);
    }

    [Test]
    public void Dispose_AStateThatFails_DisposesTheOthers()
    {
        var scratch = new PredictScratch();
        scratch.State(new object(), () => new Failing());
        var other = scratch.State(new object(), Create);

        Assert.That(scratch.Dispose, Throws.InvalidOperationException.With.Message.EqualTo("It is stuck."));
        Assert.That(other.Disposals, Is.EqualTo(1));
    }

    private sealed class Counted : IDisposable
    {
        public int Disposals { get; private set; }

        public void Dispose() => Disposals++;
    }

    private sealed class Failing : IDisposable
    {
        public void Dispose() => throw new InvalidOperationException("It is stuck.");
    }
}
