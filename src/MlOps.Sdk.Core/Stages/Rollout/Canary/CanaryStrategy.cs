using System.Globalization;
using MlOps.Sdk.Diagnostics;

namespace MlOps.Sdk.Rollout;

/// <summary>Lets a candidate answer more and more calls, as long as no guard is violated.</summary>
internal sealed class CanaryStrategy : IRolloutStrategy
{
    private readonly IReadOnlyList<CanaryStep> _steps;
    private readonly IReadOnlyList<(IRolloutGuard Guard, bool IsRequired)> _guards;
    private readonly double _falseAlarm;
    private readonly int _minimumCalls;

    public CanaryStrategy(
        IReadOnlyList<CanaryStep> steps,
        IReadOnlyList<(IRolloutGuard Guard, bool IsRequired)> guards,
        double falseAlarm,
        int minimumCalls)
    {
        (_steps, _guards, _falseAlarm, _minimumCalls) = (steps, guards, falseAlarm, minimumCalls);
        Needs = new RolloutNeeds
        {
            Attributes = [.. guards.SelectMany(guard => guard.Guard.Needs.Attributes).Distinct(StringComparer.Ordinal)],
            Labels = guards.Any(guard => guard.Guard.Needs.Labels),
            LargestError = guards.Max(guard => guard.Guard.Needs.LargestError),
        };
    }

    public string Name => "canary";

    public RolloutNeeds Needs { get; }

    /// <summary>The share of the last step.</summary>
    public double LargestShare => _steps[^1].Share;

    // Each guard judges each step: all of these findings together hold with the probability that was set.
    private double Level => 1 - (_falseAlarm / Math.Max(1, _guards.Count * _steps.Count));

    public RolloutDecision Decide(RolloutContext context) => context.Progress is { } progress
        ? Decide(progress, [.. _guards.Select(guard => Judge(guard.Guard, context, Level))])
        : Begin();

    /// <summary>Decides, and waits for no guard longer than it may take.</summary>
    public async Task<RolloutDecision> DecideAsync(RolloutContext context, RolloutCalls calls, CancellationToken cancellationToken)
    {
        if (context.Progress is not { } progress) return Begin();
        var findings = new List<GuardFinding>();
        foreach (var (guard, _) in _guards)
        {
            try
            {
                findings.Add(await calls.CallAsync(
                    guard, "rollout guard", guard.Name, () => Judge(guard, context, Level), cancellationToken).ConfigureAwait(false));
            }
            catch (TimeoutException e)
            {
                findings.Add(Failure(guard, e.Message));
            }
        }

        return Decide(progress, [.. findings]);
    }

    private RolloutDecision Begin() =>
        RolloutDecision.Divide(_steps[0].Share, $"it begins with {Percent(_steps[0].Share)} of the calls");

    // A violation in any step counts, and so does what was shown in one; else the present step tells how far it is.
    private static GuardFinding Judge(IRolloutGuard guard, RolloutContext context, double level)
    {
        GuardFinding? told = null;
        foreach (var step in context.Progress!.Steps)
        {
            var finding = TryJudge(guard, context, step, level);
            if (finding.State == GuardState.Failed) return finding;
            if (told is null || finding.State >= told.State) told = finding;
        }

        return told!;
    }

    // One guard that fails must not keep the others from rolling a candidate back.
    private static GuardFinding TryJudge(IRolloutGuard guard, RolloutContext context, RolloutStep step, double level)
    {
        try
        {
            if (guard.Judge(context, step, level) is { } finding) return finding;
            return Failure(guard, "it returned no finding");
        }
        catch (Exception e)
        {
            return Failure(guard, Secrets.Blank(e.Message).TrimEnd('.'));
        }
    }

    private static GuardFinding Failure(IRolloutGuard guard, string why) =>
        new(guard.Name, GuardState.Failed, double.NaN, double.NaN, double.NaN, double.NaN, $"the guard failed: {why}");

    private RolloutDecision Decide(RolloutProgress progress, GuardFinding[] findings) =>
        Conclude(progress, findings) with { Findings = findings };

    private RolloutDecision Conclude(RolloutProgress progress, GuardFinding[] findings)
    {
        if (findings.Where(finding => finding.State == GuardState.Violated).ToArray() is { Length: > 0 } violated)
        {
            return RolloutDecision.KeepBack(string.Join("; ", violated.Select(finding => $"{finding.Guard}: {finding.Sentence}")));
        }
        if (findings.Where(finding => finding.State == GuardState.Failed).ToArray() is { Length: > 0 } failed)
        {
            return RolloutDecision.Wait(string.Join("; ", failed.Select(finding => $"{finding.Guard}: {finding.Sentence}")));
        }
        var step = progress.Step;
        var at = 0;
        while (at < _steps.Count - 1 && _steps[at].Share < step.Share) at++;
        var baked = progress.Now - step.StartedAt;
        if (baked < _steps[at].Bake)
        {
            return RolloutDecision.Wait(
                $"it has had {Percent(step.Share)} of the calls for {Duration(baked)} of {Duration(_steps[at].Bake)}");
        }
        if (step.Share > 0 && step.Candidate.Calls < _minimumCalls)
        {
            return RolloutDecision.Wait(string.Create(
                CultureInfo.InvariantCulture, $"it has answered {step.Candidate.Calls:N0} of the {_minimumCalls:N0} calls that it needs"));
        }
        if (at < _steps.Count - 1)
        {
            var next = _steps[at + 1].Share;
            return RolloutDecision.Divide(next, $"no guard was violated with {Percent(step.Share)} of the calls");
        }
        var open = findings
            .Where((finding, i) => _guards[i].IsRequired && finding.State != GuardState.Kept)
            .Select(finding => $"{finding.Guard}: {finding.Sentence}")
            .ToArray();
        return open.Length > 0
            ? RolloutDecision.Wait($"a required guard is not known to be kept yet: {string.Join("; ", open)}")
            : RolloutDecision.GoLive(string.Create(
                CultureInfo.InvariantCulture,
                $"no guard was violated, and it answered {step.Candidate.Calls:N0} calls in the last step, {Percent(step.Share)} of all"));
    }

    // In the largest unit that it fills: what matters is about how long it takes.
    private static string Duration(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0.#} d"),
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} h"),
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0.#} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s"),
    };

    private static string Percent(double share) => share.ToString("P0", CultureInfo.InvariantCulture);
}
