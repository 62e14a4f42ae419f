using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

[TestFixture]
internal sealed class TrialClockTests
{
    private FakeTimeProvider _time = null!;

    [SetUp]
    public void Start() => _time = new FakeTimeProvider();

    [Test]
    public void Token_TrainingsOneAfterTheOther_AddUp()
    {
        using var trial = new TrialClock(TimeSpan.FromSeconds(10), _time);
        using (new TrainingClock(null, _time, trial)) _time.Advance(TimeSpan.FromSeconds(6));
        _time.Advance(TimeSpan.FromHours(1));
        using var second = new TrainingClock(null, _time, trial);

        _time.Advance(TimeSpan.FromSeconds(3.9));
        Assert.That(trial.Token.IsCancellationRequested, Is.False);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.That(trial.Token.IsCancellationRequested, Is.True);
    }

    [Test]
    public void Token_TrainingsSideBySide_CountEach()
    {
        using var trial = new TrialClock(TimeSpan.FromSeconds(10), _time);
        using var first = new TrainingClock(null, _time, trial);
        _time.Advance(TimeSpan.FromSeconds(2));
        using var second = new TrainingClock(null, _time, trial);

        _time.Advance(TimeSpan.FromSeconds(3.9));
        Assert.That(trial.Token.IsCancellationRequested, Is.False);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.That(trial.Token.IsCancellationRequested, Is.True);
    }

    [Test]
    public void Pause_OfATraining_IsNotOfTheTrial()
    {
        using var trial = new TrialClock(TimeSpan.FromSeconds(10), _time);
        using var training = new TrainingClock(null, _time, trial);
        _time.Advance(TimeSpan.FromSeconds(6));
        using (training.Pause()) _time.Advance(TimeSpan.FromHours(1));

        _time.Advance(TimeSpan.FromSeconds(3.9));
        Assert.That(trial.Token.IsCancellationRequested, Is.False);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.That(trial.Token.IsCancellationRequested, Is.True);
    }

    [Test]
    public void Token_LongBudget_IsKept()
    {
        using var trial = new TrialClock(TimeSpan.FromDays(10_000), _time);
        using var training = new TrainingClock(null, _time, trial);

        _time.Advance(TimeSpan.FromDays(1));

        Assert.That(trial.Token.IsCancellationRequested, Is.False);
    }
}
