using MlOps.Sdk.Diagnostics;

namespace MlOps.Sdk.Rollout;

/// <summary>
/// The steps and guards of a canary rollout. Mistakes are reported by <see cref="LifecycleBuilder.Build"/>. Not thread-safe.
/// </summary>
public sealed class CanaryBuilder
{
    private const int MostSteps = 50;
    private const double DefaultFalseAlarm = 0.01;
    private const int DefaultMinimumCalls = 200;
    private const double LargestShare = 0.95;

    private readonly BuilderSeal _seal = new("RollAsCanary");
    private readonly List<CanaryStep> _steps = [];
    private readonly List<(IRolloutGuard Guard, bool IsRequired)> _guards = [];
    private double _falseAlarm = DefaultFalseAlarm;
    private int _minimumCalls = DefaultMinimumCalls;

    internal CanaryBuilder()
    {
    }

    /// <summary>
    /// Adds a step. The candidate goes live after the last one. A first step with share 0 loads it everywhere before it answers.
    /// </summary>
    /// <param name="share">
    /// The candidate's share of the calls, 0 to 0.95; larger than that of the step before. The rest is what it is compared with.
    /// </param>
    /// <param name="bake">How long it has that share at least; at most 30 days.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public CanaryBuilder Step(double share, TimeSpan bake)
    {
        _seal.CheckOpen();
        if (!(share >= 0 && share <= 1)) throw new ArgumentOutOfRangeException(nameof(share), share, "A share is between 0 and 1.");
        ArgumentOutOfRangeException.ThrowIfLessThan(bake, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bake, TimeSpan.FromDays(30));
        _steps.Add(new CanaryStep(share, bake));
        return this;
    }

    /// <summary>Watches the candidate: it is rolled back as soon as the guard is violated.</summary>
    /// <param name="guard">The guard, for example one of <see cref="RolloutGuards"/>.</param>
    /// <param name="isRequired">
    /// Whether the candidate goes live only when the evidence shows that the limit is kept. Default: it goes live when nothing shows that
    /// the limit is violated.
    /// </param>
    public CanaryBuilder Guard(IRolloutGuard guard, bool isRequired = false)
    {
        _seal.CheckOpen();
        ArgumentNullException.ThrowIfNull(guard);
        _guards.Add((guard, isRequired));
        return this;
    }

    /// <summary>
    /// The largest probability that a rollout is rolled back although no limit is violated, over all checks and guards together.
    /// Default: 0.01.
    /// </summary>
    /// <remarks>
    /// Calls must be independent of each other. The built-in guards hold it for any number of rows and any distribution. A guard of your
    /// own holds it if its intervals hold at every check with the level that it is given.
    /// </remarks>
    /// <param name="probability">Above 0 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is out of its range.</exception>
    public CanaryBuilder FalseRollbacks(double probability)
    {
        _seal.Once();
        if (!(probability > 0 && probability < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "The probability is above 0 and below 1.");
        }
        _falseAlarm = probability;
        return this;
    }

    /// <summary>How many calls the candidate must have answered before its share grows. Default: 200.</summary>
    /// <param name="calls">At least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public CanaryBuilder MinimumCalls(int calls)
    {
        _seal.Once();
        ArgumentOutOfRangeException.ThrowIfNegative(calls);
        _minimumCalls = calls;
        return this;
    }

    internal CanaryStrategy Build(ICollection<string> mistakes)
    {
        _seal.Close(mistakes);
        if (_steps.Count is 0 or > MostSteps)
        {
            mistakes.Add($"RollAsCanary has {_steps.Count} steps. Call Step, 1 to {MostSteps} times.");
        }
        for (var i = 1; i < _steps.Count; i++)
        {
            if (_steps[i].Share > _steps[i - 1].Share) continue;
            mistakes.Add(FormattableString.Invariant(
                $"Step {i + 1} of RollAsCanary has the share {_steps[i].Share}, not larger than {_steps[i - 1].Share} before it."));
        }

        if (_steps.Any(step => step.Share > LargestShare))
        {
            mistakes.Add(FormattableString.Invariant(
                $"A step of RollAsCanary has a share above {LargestShare}, which leaves the guards too few calls to compare with. ") +
                "Leave it out: the version goes live after the last step.");
        }
        if (_steps.Count > 0 && _steps[^1].Share == 0 && _guards.Any(guard => guard.IsRequired))
        {
            mistakes.Add("RollAsCanary requires a guard, and has no step in which the candidate answers calls. Add a Step with a share.");
        }
        foreach (var twice in _guards.GroupBy(guard => guard.Guard.Name).Where(group => group.Count() > 1))
        {
            mistakes.Add($"Two guards of RollAsCanary have the name '{twice.Key}'. Give each guard once.");
        }

        return new CanaryStrategy([.. _steps], [.. _guards], _falseAlarm, _minimumCalls);
    }
}
