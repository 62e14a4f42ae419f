using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

[TestFixture]
public sealed class TrainingClockTests
{
    [Test]
    public void Token_TimeIsOver_IsCancelled()
    {
        var time = new FakeTimeProvider();
        using var clock = new TrainingClock(TimeSpan.FromSeconds(10), time);

        time.Advance(TimeSpan.FromSeconds(9));
        Assert.That(clock.Token.IsCancellationRequested, Is.False);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(clock.Token.IsCancellationRequested, Is.True);
    }

    [Test]
    public void Pause_WhileItWaits_TakesNothingOfTheTime()
    {
        var time = new FakeTimeProvider();
        using var clock = new TrainingClock(TimeSpan.FromSeconds(10), time);
        time.Advance(TimeSpan.FromSeconds(4));
        var (first, second) = (clock.Pause(), clock.Pause());
        time.Advance(TimeSpan.FromHours(1));
        first.Dispose();
        first.Dispose();
        time.Advance(TimeSpan.FromHours(1));
        second.Dispose();

        time.Advance(TimeSpan.FromSeconds(5));
        Assert.That(clock.Token.IsCancellationRequested, Is.False);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(clock.Token.IsCancellationRequested, Is.True);
    }

    [Test]
    public void Pause_TimeIsOverAlready_StaysOver()
    {
        var time = new FakeTimeProvider();
        using var clock = new TrainingClock(TimeSpan.FromSeconds(1), time);
        time.Advance(TimeSpan.FromSeconds(2));

        clock.Pause().Dispose();

        Assert.That(clock.Token.IsCancellationRequested, Is.True);
    }

    [Test]
    public void Pause_ClockIsDisposedOf_DoesNothing()
    {
        var time = new FakeTimeProvider();
        var clock = new TrainingClock(TimeSpan.FromSeconds(10), time);
        var late = clock.Pause();
        clock.Dispose();

        Assert.That(late.Dispose, Throws.Nothing);
        Assert.That(() => clock.Pause().Dispose(), Throws.Nothing);
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.That(clock.Token.IsCancellationRequested, Is.False);
    }

    [Test]
    public void PauseTimeBudget_WithoutABudget_DoesNothing() => Assert.That(
        () => new TrainingContext { Task = TaskKind.Regression, Features = null!, Labels = default }.PauseTimeBudget().Dispose(),
        Throws.Nothing);
}
