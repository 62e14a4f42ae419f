using System.Text.Json.Nodes;
using MlOps.Sdk.Deployment;
using NUnit.Framework;

namespace MlOps.Sdk.Kubernetes.Tests;

/// <summary>Which calls a route takes, and whether the Gateway has taken the route up.</summary>
[TestFixture]
internal sealed class KubernetesRouteTests : KubernetesFixture
{
    [Test]
    public async Task ApplyAsync_Gateway_TakesTheCallsOfItsLifecycleOnly()
    {
        await Create().ApplyAsync(First);

        var spec = Bench.Server.Of("httproutes").Single()["spec"]!;
        var match = spec["rules"]!.AsArray().Single()!["matches"]!.AsArray().Single()!["path"]!;
        Assert.That(match["type"]!.GetValue<string>(), Is.EqualTo("PathPrefix"));
        Assert.That(match["value"]!.GetValue<string>(), Is.EqualTo("/models/churn"));
        Assert.That(spec["hostnames"], Is.Null);
    }

    [Test]
    public async Task ApplyAsync_HostAndPath_AreThoseOfTheOptions()
    {
        await Create(options =>
        {
            options.Hostnames.Add("churn.example.com");
            options.Path = "/";
        }).ApplyAsync(First);

        var spec = Bench.Server.Of("httproutes").Single()["spec"]!;
        Assert.That(spec["hostnames"]!.AsArray().Single()!.GetValue<string>(), Is.EqualTo("churn.example.com"));
        Assert.That(spec["rules"]![0]!["matches"]![0]!["path"]!["value"]!.GetValue<string>(), Is.EqualTo("/"));
    }

    [Test]
    public async Task ApplyAsync_GatewayRejectsTheRoute_FailsAndDoesNotCountUntilItIsAccepted()
    {
        Bench.Server.Acceptance = ("False", "NotAllowedByListeners");
        var target = Create();

        Assert.That(
            async () => await target.ApplyAsync(First),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("NotAllowedByListeners: as the listeners say. No call comes by it")
                .And.Message.Contains("The Gateway 'public'").And.Property("Remedy").Contains("listeners"));
        Assert.That((await target.ObserveAsync("churn")).Version, Is.Null);

        Bench.Server.Acceptance = ("True", "Accepted");
        await target.ApplyAsync(First);
        Assert.That((await target.ObserveAsync("churn")).Version, Is.EqualTo(1));
    }

    [Test]
    public void ApplyAsync_NoControllerTakesTheRouteUp_FailsAfterAMinute()
    {
        Bench.Server.Acceptance = null;
        var began = Bench.Time.GetUtcNow();

        Assert.That(
            async () => await Create().ApplyAsync(First), Throws.TypeOf<MlOpsException>().With.Message.Contains("said nothing of it"));

        Assert.That(Bench.Time.GetUtcNow() - began, Is.LessThan(TimeSpan.FromMinutes(2)));
    }

    [Test]
    public async Task ApplyAsync_GatewayRejectsTheStep_TheOldHasAllCalls()
    {
        var target = Create(options => options.CanaryPercents.Add(10));
        await target.ApplyAsync(First);
        Bench.Server.Breaks = (call, isAfter) =>
        {
            if (isAfter && call.StartsWith("PATCH", StringComparison.Ordinal) && call.Contains("httproutes", StringComparison.Ordinal))
            {
                Bench.Server.Acceptance = ("False", "UnsupportedValue");
            }
            return false;
        };

        Assert.That(
            async () => await target.ApplyAsync(Second), Throws.TypeOf<MlOpsException>().With.Message.Contains("UnsupportedValue"));

        var backend = Bench.Server.Of("httproutes").Single()["spec"]!["rules"]![0]!["backendRefs"]!.AsArray().Single()!;
        Assert.That(backend["name"]!.GetValue<string>(), Does.Contain("-v1-"));
    }

    [Test]
    public async Task ApplyAsync_StatusOfAnEarlierGeneration_DoesNotCount()
    {
        await Create().ApplyAsync(First);
        Bench.Server.Acceptance = null;

        Assert.That(
            async () => await Create().ApplyAsync(Second), Throws.TypeOf<MlOpsException>().With.Message.Contains("said nothing of it"));
    }

    private KubernetesTarget Create(Action<KubernetesOptions>? configure = null) => Bench.Create(Workspace, options =>
    {
        options.Gateway = "public";
        configure?.Invoke(options);
    });
}
