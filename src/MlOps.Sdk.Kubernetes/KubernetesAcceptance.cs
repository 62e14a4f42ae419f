using k8s.Models;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Whether a Gateway has taken an HTTPRoute up: until then, no call comes by it, whatever its weights are.
/// https://gateway-api.sigs.k8s.io/reference/spec/#routeparentstatus
/// </summary>
internal sealed class KubernetesAcceptance(Cluster cluster, KubernetesOptions options, TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>Whether a Gateway has accepted the newest state of a route, and found its Services.</summary>
    public static bool IsAccepted(KubernetesRoute route, string? gateway) => ConditionsOf(route, gateway).Any(conditions =>
        StateOf(conditions, "Accepted") is { Status: "True" } && StateOf(conditions, "ResolvedRefs") is not { Status: "False" });

    /// <summary>Waits until the Gateway has accepted a route.</summary>
    /// <exception cref="MlOpsException">It rejects the route, or says nothing.</exception>
    public async Task WaitAsync(string name, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var route = await cluster.FindAsync<KubernetesRoute>("HTTPRoute", name, cancellationToken).ConfigureAwait(false)
                ?? throw NotAccepted(name, "others have deleted it");
            if (IsAccepted(route, options.Gateway)) return;
            var rejected = ConditionsOf(route, options.Gateway)
                .SelectMany(conditions => conditions)
                .FirstOrDefault(found => found is { Type: "Accepted" or "ResolvedRefs", Status: "False", Reason: not "Pending" });
            var isOver = time.GetElapsedTime(began) >= Longest;
            if (rejected is not null && (isOver || rejected.Type == "Accepted")) throw NotAccepted(name, Said(rejected));
            if (isOver) throw NotAccepted(name, "the Gateway has said nothing of it for a minute");
            await Task.Delay(options.PollInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    // What is said of an earlier generation does not count.
    private static IEnumerable<IReadOnlyList<V1Condition>> ConditionsOf(KubernetesRoute route, string? gateway) =>
        (route.Status?.Parents ?? [])
            .Where(parent => parent.ParentRef.Name == gateway)
            .Select(parent => (IReadOnlyList<V1Condition>)
                [.. parent.Conditions.Where(found => !(found.ObservedGeneration < route.Metadata.Generation))]);

    private static V1Condition? StateOf(IReadOnlyList<V1Condition> conditions, string type) =>
        conditions.FirstOrDefault(found => found.Type == type);

    private static string Said(V1Condition condition) =>
        $"{condition.Type} is False, {condition.Reason}: {PrintableText.ShortenTo((condition.Message ?? "no reason").TrimEnd('.'), 300)}";

    private MlOpsException NotAccepted(string name, string why) => new(
        $"The Gateway '{options.Gateway}' in the namespace '{options.Namespace}' does not take the HTTPRoute '{name}': {why}. No call " +
            "comes by it.",
        "Check that the Gateway exists in the namespace, that its class has a controller, and that one of its listeners takes routes of " +
            "the namespace with KubernetesOptions.Hostnames; see kubectl describe httproute.");
}
