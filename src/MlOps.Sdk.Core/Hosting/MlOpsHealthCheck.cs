using Microsoft.Extensions.Diagnostics.HealthChecks;
using MlOps.Sdk.Deployment;

namespace MlOps.Sdk;

/// <summary>Whether the endpoints of the host can be called.</summary>
internal sealed class MlOpsHealthCheck(MlOpsHostedService host) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!host.IsOpen) return Task.FromResult(Failed(context, "The workspace is not open.", []));
        var data = new Dictionary<string, object>();
        var missing = new List<string>();
        var refused = new List<string>();
        var stopped = new List<string>();
        var models = host.Watched;
        if (models.Count == 0 && host.ServesAll) missing.Add("No model of the workspace is live.");
        foreach (var model in models)
        {
            var slot = host.Workspace.SlotOf(model);
            var live = slot.Current;
            if (live is not null) data[model] = live.Version;
            if (slot.Stopped is { } stop)
            {
                data[$"{model}: stopped"] = stop.Reason;
                stopped.Add(new ModelStoppedException(stop).Problem);
            }
            if (slot.Refused is { } version)
            {
                data[$"{model}: not taken up"] = version.Mismatches;
                refused.Add($"Version {version.Version} of '{model}' is not served: {version.Why}");
            }
            else if (live is null)
            {
                missing.Add($"No version of '{model}' is live.");
            }
        }

        foreach (var model in models)
        {
            var open = (host.Workspace.SlotOf(model).Route?.Models ?? []).Where(live => live.IsCircuitOpen).ToArray();
            foreach (var live in open)
            {
                stopped.Add(FormattableString.Invariant(
                    $"Version {live.Version} of '{model}' failed too often, and its fallback answers."));
            }
            if (open.Length > 0) data[$"{model}: circuit"] = "open";
        }

        foreach (var (model, problem) in host.Releases.SelectMany(follower => follower.Problems))
        {
            data[model.Length == 0 ? "releases" : $"{model}: release"] = problem;
            refused.Add($"{(model.Length == 0 ? "Releases are" : $"The release of '{model}' is")} not taken up: {problem}");
        }

        var problems = string.Join(" ", [.. missing, .. refused, .. stopped]);
        if (missing.Count > 0 || models.Any(model => !data.ContainsKey(model)))
        {
            return Task.FromResult(Failed(context, problems, data));
        }
        return Task.FromResult(refused.Count + stopped.Count > 0
            ? HealthCheckResult.Degraded(problems, data: data)
            : HealthCheckResult.Healthy("Every endpoint has a live version.", data));
    }

    private static HealthCheckResult Failed(HealthCheckContext context, string problem, Dictionary<string, object> data) =>
        new(context.Registration.FailureStatus, problem, data: data);
}
